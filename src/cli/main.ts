/** The `kiln` program: finds the command, runs it, explains what goes wrong. Loads only what the command needs. */
import { FAILED, OK } from "./command.ts";
import { commands } from "./commands.ts";
import { explain, UsageError } from "./errors.ts";
import { createTerminal } from "./terminal.ts";

async function main(parameters: readonly string[]): Promise<number> {
  const [first, ...rest] = parameters;
  if (first === undefined || first === "help" || first === "--help" || first === "-h") return help(rest[0]);
  if (first === "--version" || first === "version") return version();
  return runCommand(first, rest);
}

async function runCommand(name: string, parameters: readonly string[]): Promise<number> {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) throw await unknownCommand(name);
  current = name;
  const command = await entry.load();
  const { parseInput } = await import("./input.ts");
  const input = parseInput(command, parameters);
  if (input.flag("help")) return help(name);
  return (await command.run(input, terminal)) ?? OK;
}

async function help(name: string | undefined): Promise<number> {
  const { commandHelp, overview } = await import("./help.ts");
  if (name === undefined) {
    terminal.print(overview(Object.entries(commands).map(([name, { summary }]) => [name, summary])));
    return OK;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) throw await unknownCommand(name);
  terminal.print(commandHelp(name, await entry.load()));
  return OK;
}

async function version(): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const about: unknown = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  const number = typeof about === "object" && about !== null && "version" in about ? String(about.version) : "unknown";
  terminal.print(`kiln ${number}, Node.js ${process.versions.node}`);
  return OK;
}

async function unknownCommand(name: string): Promise<UsageError> {
  const { closest } = await import("./suggest.ts");
  const near = closest(name, Object.keys(commands));
  return new UsageError(`There is no command "${name}".${near === undefined ? "" : ` Did you mean kiln ${near}?`}`);
}

function fail(thrown: unknown, asJson: boolean): number {
  const { message, hint, code, status } = explain(thrown, current);
  if (asJson) terminal.json({ error: { message, hint, code } });
  process.stderr.write(`kiln: ${message}\n${hint === undefined ? "" : `      ${hint}\n`}`);
  const debug = process.env["KILN_DEBUG"];
  if (debug !== undefined && debug !== "" && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n`);
  return status;
}

const terminal = createTerminal(process.stdout, process.stderr);
let current: string | undefined;

// `kiln logs --follow | head`: whoever reads has gone, and there is nobody to tell.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? OK : FAILED));

const parameters = process.argv.slice(2);
try {
  process.exitCode = await main(parameters);
} catch (thrown) {
  process.exitCode = fail(thrown, parameters.includes("--json"));
}
