/** What a command is. Help, parsing and completion of flags all come from this one description. */
import type { Input } from "./input.ts";
import type { Terminal } from "./terminal.ts";

export interface OptionSpec {
  /** Word for the value in the help, for instance `DIR`; absent for a switch. */
  value?: string;
  short?: string;
  /** May be given more than once. */
  multiple?: boolean;
  help: string;
}

export interface Command {
  /** One line for the overview. */
  summary: string;
  /** Words behind `kiln NAME`, for instance `NAME… [options]`. */
  usage: string;
  /** What else there is to know: whole sentences, lines of at most 100 characters. */
  about?: string;
  options: Readonly<Record<string, OptionSpec>>;
  /** How many words it takes beside the flags. */
  words: { least: number; most: number; name: string };
  /** Command lines that show the use, each with what it does. */
  examples: readonly (readonly [command: string, does: string])[];
  /** The exit status: 0 when absent. */
  run(input: Input, terminal: Terminal): Promise<number | void>;
}

export const OK = 0;
export const FAILED = 1;
export const USAGE = 2;

/** Flags of every command. */
export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  json: { help: "Print JSON, for programs." },
  help: { short: "h", help: "Show this help." },
};

/** Flags of the commands that talk to a running Kiln. */
export const connectionOptions: Readonly<Record<string, OptionSpec>> = {
  endpoint: { value: "URL", help: "Where Kiln listens. Default: AWS_ENDPOINT_URL, else what --state says." },
  state: {
    value: "DIR",
    help: "State directory of the Kiln on this machine. Default: KILN_STATE, else /var/lib/kiln.",
  },
};
