import type { JailExit } from "../../sandbox/contract.ts";
import type { FunctionFailure } from "../runtime-api/index.ts";

/** Go's words for signals, which AWS's messages use (`signal: killed`). */
const SIGNAL_WORDS: Readonly<Record<string, string>> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGQUIT: "quit",
  SIGILL: "illegal instruction",
  SIGTRAP: "trace/breakpoint trap",
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGKILL: "killed",
  SIGUSR1: "user defined signal 1",
  SIGSEGV: "segmentation fault",
  SIGUSR2: "user defined signal 2",
  SIGPIPE: "broken pipe",
  SIGALRM: "alarm clock",
  SIGTERM: "terminated",
  SIGSYS: "bad system call",
  SIGXCPU: "CPU time limit exceeded",
  SIGXFSZ: "file size limit exceeded",
};

/** Why the runtime is no longer there, in AWS's words. */
export interface Fault {
  errorType: string;
  message: string;
}

/** How a process ended, in Go's words: `exit status 1`, `signal: killed`. */
function endOf({ status, signal }: Pick<JailExit, "status" | "signal">): string {
  if (signal !== null) return `signal: ${SIGNAL_WORDS[signal] ?? signal}`;
  return status === null || status === 0 ? "exit code 0" : `exit status ${status}`;
}

/** The process of an external extension has ended while its environment lived. */
export function extensionFault(exit: Pick<JailExit, "status" | "signal">): Fault {
  return { errorType: "Extension.Crash", message: endOf(exit) };
}

export function faultOf(exit: JailExit): Fault {
  const errorType = exit.oomKilled ? "Runtime.OutOfMemory" : "Runtime.ExitError";
  if (exit.oomKilled) return { errorType, message: "Runtime exited with error: signal: killed" };
  if (exit.signal === null && (exit.status === null || exit.status === 0)) {
    return { errorType, message: "Runtime exited without providing a reason" };
  }
  return { errorType, message: `Runtime exited with error: ${endOf(exit)}` };
}

/**
 * How the first process of a container image's jail says that it could not start the image's program. The program could say
 * so itself: then the function fails in these words.
 */
const NOT_STARTED = /^\[FATAL [^\]]{1,40}\] exec (.{1,4096}) failed: (.{1,200})$/;

/** The program of a container image could not be started (no working directory of a managed runtime is named), by the last line that there is of it. */
export function launchFault(
  exit: Pick<JailExit, "status">,
  lastLine: string,
  workingDirectory: string | undefined,
): Fault | undefined {
  const [, program, why] = NOT_STARTED.exec(lastLine) ?? [];
  if (program === undefined || why === undefined || workingDirectory === undefined || exit.status === 0)
    return undefined;
  if (program === `${workingDirectory}/.`) {
    return { errorType: "Runtime.InvalidWorkingDir", message: `chdir ${workingDirectory}: ${why.toLowerCase()}` };
  }
  return { errorType: "Runtime.InvalidEntrypoint", message: `fork/exec ${program}: ${why.toLowerCase()}` };
}

/** The answer of a call whose runtime is gone or was too slow. */
export function faultAnswer(requestId: string, fault: Fault): FunctionFailure {
  const { errorType, message } = fault;
  const answer = { errorType, errorMessage: `RequestId: ${requestId} Error: ${message}` };
  return { type: errorType, payload: Buffer.from(JSON.stringify(answer)) };
}

export function timeoutFault(timeoutSeconds: number): Fault {
  return { errorType: "Sandbox.Timedout", message: `Task timed out after ${timeoutSeconds.toFixed(2)} seconds` };
}
