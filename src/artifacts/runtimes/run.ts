/** Runs a host program to its end and gives its output back, bounded. */
import { spawn } from "node:child_process";

import { KilnError, systemCode } from "../../base/errors.ts";

export interface RunOptions {
  /** Written to the program's standard input. */
  input?: string;
  /** What an operator does when the program is missing, for instance `apt-get install mmdebstrap`. */
  install: string;
  /** What an operator looks at when the program fails. */
  hint?: string;
  /** Ends the program when aborted. */
  signal?: AbortSignal | undefined;
}

const OUTPUT_LIMIT = 1024 * 1024;
const TAIL_LINES = 12;

/** Resolves with standard output. Throws KilnError HOST_PROGRAM_MISSING or HOST_PROGRAM_FAILED (with the last lines). */
export function run(file: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], signal: options.signal });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  child.once("error", (error) => {
    reject(
      systemCode(error) === "ENOENT"
        ? new KilnError("HOST_PROGRAM_MISSING", `${file} is not installed.`, { hint: options.install, cause: error })
        : new KilnError("HOST_PROGRAM_FAILED", `${file} could not be run: ${error.message}`, { cause: error }),
    );
  });
  child.once("close", (status, signal) => {
    if (status === 0) {
      resolve(stdout());
      return;
    }
    const tail = `${stderr()}${stdout()}`.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
    const how = signal === null ? `exit status ${String(status)}` : signal;
    const hint = options.hint === undefined ? {} : { hint: options.hint };
    reject(new KilnError("HOST_PROGRAM_FAILED", `${file} failed (${how}):\n${tail}`, hint));
  });
  // A program that ends before it has read its input closes the pipe; its exit status says what happened.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  return promise;
}

/** Keeps the last OUTPUT_LIMIT bytes. */
function collect(stream: NodeJS.ReadableStream): () => string {
  let chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > 2 * OUTPUT_LIMIT) {
      const kept = Buffer.concat(chunks).subarray(-OUTPUT_LIMIT);
      chunks = [kept];
      size = kept.length;
    }
  });
  return () => Buffer.concat(chunks).subarray(-OUTPUT_LIMIT).toString();
}
