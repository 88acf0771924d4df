/**
 * Learns how processes end that Node.js did not start itself. A detached OCI runtime leaves the jail's first process
 * behind as an orphan; as a subreaper, Kiln becomes its parent. libuv waits only for children that it knows by pid, so
 * the others are asked for here, once per SIGCHLD and by pid: no loop, no thread, and nothing taken from libuv.
 */
import { constants } from "node:os";
import { becomeSubreaper, waitNoHang } from "./libc.ts";

/** Where programs of the host are looked for. */
export const PROGRAM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface ChildExit {
  status: number | null;
  signal: string | null;
}

/**
 * A signal does not keep Node.js running, a timer does: who waits for a child must get the answer. It also looks once
 * more, for all of them together, should a signal have been lost.
 */
const LOOK_AGAIN_MS = 2_000;

let timer: NodeJS.Timeout | undefined;
const waiting = new Map<number, (exit: ChildExit) => void>();

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `SIG${number}`;
}

/** Reads the status word of wait(2). */
export function decodeWaitStatus(status: number): ChildExit {
  const signal = status & 0x7f;
  return signal === 0 ? { status: (status >> 8) & 0xff, signal: null } : { status: null, signal: signalName(signal) };
}

/** The first process of a jail, like a shell, reports a child that a signal ended as 128 plus the signal. */
export function fromInit(exit: ChildExit): ChildExit {
  const number = exit.status === null ? 0 : exit.status - 128;
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return name === undefined ? exit : { status: null, signal: name };
}

function look(pid: number): void {
  const status = waitNoHang(pid);
  if (status === undefined) return;
  const resolve = waiting.get(pid);
  waiting.delete(pid);
  if (waiting.size === 0) stopLooking();
  resolve?.(status === "unknown" ? { status: null, signal: null } : decodeWaitStatus(status));
}

function lookAtAll(): void {
  for (const pid of waiting.keys()) look(pid);
}

function startLooking(): void {
  process.on("SIGCHLD", lookAtAll);
  timer = setInterval(lookAtAll, LOOK_AGAIN_MS);
}

function stopLooking(): void {
  process.off("SIGCHLD", lookAtAll);
  clearInterval(timer);
}

/** To be called before a process is started whose orphan is waited for. Idempotent. */
export function adoptOrphans(): void {
  becomeSubreaper();
}

/** Resolves when this adopted process has ended; its pid is not reused before that. */
export function childExit(pid: number): Promise<ChildExit> {
  return new Promise((resolve) => {
    if (waiting.size === 0) startLooking();
    waiting.set(pid, resolve);
    // It may have ended before anyone listened.
    look(pid);
  });
}
