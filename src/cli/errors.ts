/** Errors in plain words: what, where, what to do. */
import { KilnError, messageOf, systemCode } from "../base/errors.ts";
import { FAILED, USAGE } from "./command.ts";

/** The command line is wrong: exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command could not do its work: exit status 1. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
  }
}

export interface Explanation {
  message: string;
  hint?: string | undefined;
  code?: string;
  status: number;
}

const systemErrors: Readonly<Record<string, string>> = {
  ENOENT: "There is no such file or directory",
  EACCES: "This user may not read or write it",
  EPERM: "This user may not do that",
  EISDIR: "It is a directory, not a file",
  ENOTDIR: "It is not a directory",
  ENOSPC: "The disk is full",
  EROFS: "The file system is read-only",
};

export function explain(thrown: unknown, command: string | undefined): Explanation {
  if (thrown instanceof UsageError) {
    const help = command === undefined ? "kiln help" : `kiln ${command} --help`;
    return { message: thrown.message, hint: `See: ${help}`, code: "Usage", status: USAGE };
  }
  if (thrown instanceof CommandError) return { message: thrown.message, hint: thrown.hint, status: FAILED };
  if (thrown instanceof KilnError) {
    return { message: thrown.message, hint: thrown.hint, code: thrown.code, status: FAILED };
  }
  return explainService(thrown) ?? explainSystem(thrown) ?? explainUnknown(thrown);
}

/** What the API answered: the SDK's exceptions have AWS's error code as their name. */
function explainService(thrown: unknown): Explanation | undefined {
  if (!(thrown instanceof Error) || !("$metadata" in thrown) || !("$fault" in thrown)) return undefined;
  const message = `${thrown.message} (${thrown.name})`;
  return { message, hint: serviceHints[thrown.name], code: thrown.name, status: FAILED };
}

const serviceHints: Readonly<Record<string, string>> = {
  ResourceNotFoundException: "`kiln list` shows the functions that are there.",
  TooManyRequestsException: "All of the concurrency is in use. Try again, or raise KILN_ACCOUNT_CONCURRENCY.",
  ServiceException: "This is Kiln's own fault; the output of `kiln serve` says more. `kiln doctor` checks the host.",
  UnrecognizedClientException: `Run it as the user that runs Kiln, or set the keys first: eval "$(sudo kiln env)"`,
  NotImplementedException: "Kiln does not have this operation yet.",
};

function explainSystem(thrown: unknown): Explanation | undefined {
  const code = systemCode(thrown);
  const words = code === undefined ? undefined : systemErrors[code];
  if (code === undefined || words === undefined) return undefined;
  const path = thrown instanceof Error && "path" in thrown && typeof thrown.path === "string" ? thrown.path : undefined;
  return { message: path === undefined ? messageOf(thrown) : `${path}: ${words}.`, code, status: FAILED };
}

function explainUnknown(thrown: unknown): Explanation {
  return { message: messageOf(thrown), hint: "KILN_DEBUG=1 shows where this comes from.", status: FAILED };
}
