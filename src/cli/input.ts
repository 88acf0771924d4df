/** The words behind `kiln NAME`, parsed by the command's description. Everything wrong in them is a UsageError. */
import { parseArgs } from "node:util";
import { commonOptions, type Command, type OptionSpec } from "./command.ts";
import { UsageError } from "./errors.ts";
import { closest } from "./suggest.ts";

type Value = string | boolean | (string | boolean)[] | undefined;

export class Input {
  readonly words: readonly string[];
  readonly #values: Readonly<Record<string, Value>>;

  constructor(words: readonly string[], values: Readonly<Record<string, Value>>) {
    this.words = words;
    this.#values = values;
  }

  word(index = 0): string {
    return this.words[index] ?? "";
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  list(name: string): string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  }

  /** A whole number in a range. */
  number(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= least && number <= most)) {
      throw new UsageError(`--${name} is "${text}": it must be a whole number from ${least} to ${most}.`);
    }
    return number;
  }
}

export function parseInput(command: Command, parameters: readonly string[]): Input {
  const options = { ...command.options, ...commonOptions };
  const { tokens } = parseArgs({
    args: [...parameters],
    options: Object.fromEntries(Object.entries(options).map(([name, spec]) => [name, parseSpec(spec)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words: string[] = [];
  const values: Record<string, Value> = {};
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    const spec = Object.hasOwn(options, name) ? options[name] : undefined;
    if (spec === undefined) throw unknownOption(rawName, Object.keys(options));
    if (spec.value === undefined && value !== undefined) throw new UsageError(`${rawName} takes no value.`);
    if (spec.value !== undefined && value === undefined) {
      throw new UsageError(`${rawName} needs a value: ${rawName} ${spec.value}`);
    }
    if (spec.multiple === true) values[name] = [...[values[name] ?? []].flat(), value ?? true];
    else values[name] = value ?? true;
  }
  if (values["help"] !== true) checkWords(command, words);
  return new Input(words, values);
}

function parseSpec({ value, short, multiple }: OptionSpec) {
  const type = value === undefined ? ("boolean" as const) : ("string" as const);
  return { type, ...(short === undefined ? {} : { short }), ...(multiple === undefined ? {} : { multiple }) };
}

function unknownOption(rawName: string, names: readonly string[]): UsageError {
  const near = closest(
    rawName,
    names.map((name) => `--${name}`),
  );
  return new UsageError(`There is no option ${rawName}.${near === undefined ? "" : ` Did you mean ${near}?`}`);
}

function checkWords({ words: { least, most, name } }: Command, words: readonly string[]): void {
  if (words.length < least) throw new UsageError(`${name} is missing.`);
  if (words.length > most) throw new UsageError(`"${words[most] ?? ""}" is one word too many.`);
}
