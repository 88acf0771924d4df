/** Reads files of the configuration in JSON, strictly: what is not understood stops the start. */
import { readFileSync } from "node:fs";
import { KilnError, messageOf } from "../base/errors.ts";

export type Members = Record<string, unknown>;

export class JsonFileReader {
  readonly file: string;
  readonly #documentation: string;

  /** `documentation`: the page that describes the file. */
  constructor(file: string, documentation: string) {
    this.file = file;
    this.#documentation = documentation;
  }

  refuse(at: string, expected: string): never {
    throw new KilnError("CONFIG_INVALID", `${this.file}: ${at} must be ${expected}.`, {
      hint: `Correct it and start again; ${this.#documentation} describes the file.`,
    });
  }

  parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      return this.refuse(messageOf(error), "corrected: it is no JSON");
    }
  }

  /** An object with no other members than those that are known. */
  object(value: unknown, at: string, known?: readonly string[]): Members {
    if (typeof value !== "object" || value === null || Array.isArray(value)) this.refuse(at, "an object");
    const unknown = Object.keys(value).find((key) => known !== undefined && !known.includes(key));
    if (unknown !== undefined) this.refuse(`${at}.${unknown}`, `left out: there are only ${known?.join(", ")}`);
    return value as Members;
  }

  list(value: unknown, at: string): readonly unknown[] {
    return Array.isArray(value) ? (value as unknown[]) : this.refuse(at, "a list");
  }

  /** The members of an object, whose names are ids. */
  entries(value: unknown, at: string, id: RegExp): [string, unknown][] {
    const found = Object.entries(this.object(value ?? {}, at));
    for (const [name] of found)
      if (!id.test(name)) this.refuse(`${at}.${name}`, `named by an id that matches ${id.source}`);
    return found;
  }
}

/** @param setting The variable that names the file. */
export function readSettingsFile(setting: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new KilnError("CONFIG_INVALID", `${setting} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
