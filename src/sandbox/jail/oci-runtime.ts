/** Runs an OCI runtime (crun, runc, runsc) as a program. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, readFileSync, writeFileSync } from "node:fs";
import { KilnError, messageOf, systemCode } from "../../base/errors.ts";
import { type ChildExit, childExit, PROGRAM_PATH } from "../host/children.ts";
import { pipe } from "../host/libc.ts";
import { findProgram } from "../host/sealed-program.ts";
import { startProgram } from "../host/start-program.ts";
import type { CgroupLayout } from "../host/cgroups/layout.ts";
import type { JailDescription } from "./config.ts";
import type { Holdings } from "./holdings.ts";
import type { OciConfig } from "./oci-config.ts";

/** Longer than any start takes on a host that is well; then the runtime is killed. */
const TIMEOUT_MS = 30_000;
const MOST_OUTPUT = 16 * 1024;

/** What starts the jails of one level. */
export interface OciRuntime {
  /** Name or path of the program. */
  readonly program: string;
  /** What is run instead of it: a copy. */
  readonly file?: string;
  /** How it is run, where there are several ways. */
  readonly way?: string;
  /** Options of it that stand before the command. */
  readonly options: readonly string[];
  /** Its jails' processes have another kernel than the host's. */
  readonly ownKernel?: boolean;
  /** What it is told about a jail. */
  describe(jail: JailDescription): OciConfig;
  /** What it needs for one jail that it cannot make itself. */
  prepare?(jail: PreparedJail, holdings: Holdings): Promise<Prepared>;
  /** Gives back what it holds for all jails. */
  close?(): void;
}

export interface PreparedJail {
  bundle: string;
  /** The file with what `describe` has answered. */
  config: string;
  description: JailDescription;
  layout: CgroupLayout;
}

export interface Prepared {
  /** Where the OCI runtime keeps its state. Absent: where all do. */
  stateDir?: string;
  /** A program with arguments, which starts the OCI runtime in its own place. */
  before: readonly string[];
}

interface Finished {
  status: number | null;
  signal: NodeJS.Signals | null;
}

function notRun(program: string, cause: unknown): KilnError {
  return new KilnError("OCI_RUNTIME_FAILED", `Cannot run ${program}: ${messageOf(cause)}`, {
    hint: `Install ${program}.`,
    cause,
  });
}

/** Where a program is. Throws KilnError OCI_RUNTIME_FAILED. */
function pathOf(program: string): string {
  const path = findProgram(program);
  if (path === undefined) throw notRun(program, new Error("there is no such program"));
  return path;
}

function finished(child: ChildProcess, program: string): Promise<Finished> {
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(notRun(program, error)));
    child.once("exit", (status, signal) => resolve({ status, signal }));
  });
}

/** The last messages of the runtime's JSON log; the text as it is where it is no JSON. */
export function logMessages(text: string): string {
  return (
    text
      .slice(-MOST_OUTPUT)
      // runsc writes one object right after the other.
      .replaceAll("}{", "}\n{")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        try {
          const entry: unknown = JSON.parse(line);
          return typeof entry === "object" && entry !== null && "msg" in entry ? String(entry.msg) : line;
        } catch {
          return line;
        }
      })
      .join("; ")
  );
}

function readLog(file: string): string {
  try {
    return logMessages(readFileSync(file, "utf8"));
  } catch (error) {
    return systemCode(error) === "ENOENT" ? "" : String(error);
  }
}

export interface DetachedRun {
  runtime: Pick<OciRuntime, "program" | "file" | "options">;
  /** See `Prepared`. */
  before: readonly string[];
  id: string;
  /** Directory of the runtime's own state. */
  stateDir: string;
  /** Directory with config.json; `log.json` and `pid` are written there. */
  bundle: string;
  /** Descriptors of the jail's standard output and standard error. */
  stdout: number;
  stderr: number;
}

/**
 * Standard input of a jail: a pipe that has ended. Never /dev/null: OCI runtimes give the standard streams to the jail's
 * user, and crun does so with devices too, so that the host's own /dev/null would belong to the function.
 */
function endedInput(): number {
  const [readEnd, writeEnd] = pipe();
  closeSync(writeEnd);
  return readEnd;
}

/**
 * Should the whole machine run out of memory all the same, the kernel ends a jail and nothing else. Written from here, with
 * the rights of the host, it is also the least that processes in the jail, which inherit it, can set for themselves.
 */
export const OOM_SCORE_ADJ = 1000;

function endFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(OOM_SCORE_ADJ));
  } catch (error) {
    // It has ended already: then nothing runs.
    if (!["ENOENT", "ESRCH"].includes(systemCode(error) ?? "")) throw error;
  }
}

/** How a child ends, which is killed when it takes too long. */
async function endOf(pid: number): Promise<ChildExit> {
  const timer = setTimeout(() => process.kill(pid, "SIGKILL"), TIMEOUT_MS);
  try {
    return await childExit(pid);
  } finally {
    clearTimeout(timer);
  }
}

/** Starts a container and leaves it running; returns the pid of its first process, which is then an orphan. */
export async function runDetached(run: DetachedRun): Promise<number> {
  const log = `${run.bundle}/log.json`;
  const pidFile = `${run.bundle}/pid`;
  const { program, file = program, options } = run.runtime;
  const args = [
    ...options,
    "--root",
    run.stateDir,
    "--log",
    log,
    "--log-format",
    "json",
    "run",
    "--detach",
    "--bundle",
    run.bundle,
    "--pid-file",
    pidFile,
    run.id,
  ];
  const [starter, ...startArgs] = run.before;
  const stdin = endedInput();
  let pid: number;
  try {
    pid = startProgram({
      file: starter === undefined && file !== program ? file : pathOf(starter ?? file),
      argv: starter === undefined ? [program, ...args] : [starter, ...startArgs, file, ...args],
      env: { PATH: PROGRAM_PATH },
      stdio: [stdin, run.stdout, run.stderr],
    });
  } catch (error) {
    throw notRun(program, error);
  } finally {
    closeSync(stdin);
  }
  endFirst(pid);
  const { status, signal } = await endOf(pid);
  if (status !== 0) {
    throw new KilnError("OCI_RUNTIME_FAILED", `${program} ended with ${signal ?? status}: ${readLog(log)}`);
  }
  return Number(readFileSync(pidFile, "utf8"));
}

/** First line of `--version`. */
export async function runtimeVersion(program: string): Promise<string> {
  const child = spawn(program, ["--version"], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { PATH: PROGRAM_PATH },
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    if (text.length < MOST_OUTPUT) text += chunk.toString();
  });
  const { status } = await finished(child, program);
  if (status !== 0) throw new KilnError("OCI_RUNTIME_FAILED", `${program} --version ended with ${status}`);
  return text.split("\n")[0] ?? "";
}
