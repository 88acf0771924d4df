/**
 * Starts a program without copying this process first. `child_process.spawn` forks: it copies the page tables of a process
 * that has some hundred megabytes, and every page that is written to afterwards is copied as well, while the event loop
 * stands still. posix_spawn(3) shares the memory until the program runs.
 */
import koffi from "koffi";
import { SystemCallError } from "./libc.ts";

export interface ProgramStart {
  /** An absolute path. */
  file: string;
  /** With the program's own name first. */
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  /**
   * Descriptors that become its standard input, output and error. It gets no others: those of this process close on exec, and
   * where the C library can do it also those that this process was started with.
   */
  stdio: readonly [number, number, number];
}

/** Room for the C library's structures: `posix_spawn_file_actions_t` has 80 bytes, `posix_spawnattr_t` 336, `sigset_t` 128. */
const [ACTIONS_BYTES, ATTRIBUTES_BYTES, SIGNALS_BYTES] = [256, 512, 128];
const POSIX_SPAWN_SETSIGDEF = 4;
const POSIX_SPAWN_SETSIGMASK = 8;

type Call = (...values: readonly unknown[]) => number;

interface Calls {
  readonly spawn: Call;
  readonly initActions: Call;
  readonly addDup2: Call;
  /** The C library has it since glibc 2.34. */
  readonly addCloseFrom: Call | undefined;
  readonly destroyActions: Call;
  /** The same for all: no signal is blocked or ignored. */
  readonly attributes: Uint8Array;
}

let calls: Calls | undefined;

/** Declared on first use, so that importing this file costs nothing. */
function declare(): Calls {
  const library = koffi.load("libc.so.6");
  const call = (prototype: string): Call => library.func(prototype) as Call;
  const known = (prototype: string): Call | undefined => {
    try {
      return call(prototype);
    } catch {
      return undefined;
    }
  };
  const attributes = new Uint8Array(ATTRIBUTES_BYTES);
  const [none, all] = [new Uint8Array(SIGNALS_BYTES), new Uint8Array(SIGNALS_BYTES)];
  call("int sigemptyset(void *set)")(none);
  call("int sigfillset(void *set)")(all);
  call("int posix_spawnattr_init(void *attributes)")(attributes);
  call("int posix_spawnattr_setsigmask(void *attributes, const void *set)")(attributes, none);
  call("int posix_spawnattr_setsigdefault(void *attributes, const void *set)")(attributes, all);
  const flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
  call("int posix_spawnattr_setflags(void *attributes, short flags)")(attributes, flags);
  return {
    spawn: call(
      "int posix_spawn(_Out_ int *pid, const char *file, const void *actions, const void *attributes, const char **argv, const char **env)",
    ),
    initActions: call("int posix_spawn_file_actions_init(void *actions)"),
    addDup2: call("int posix_spawn_file_actions_adddup2(void *actions, int from, int to)"),
    addCloseFrom: known("int posix_spawn_file_actions_addclosefrom_np(void *actions, int from)"),
    destroyActions: call("int posix_spawn_file_actions_destroy(void *actions)"),
    attributes,
  };
}

function check(errno: number, what: string): void {
  if (errno !== 0) throw new SystemCallError("posix_spawn", errno, what);
}

/** The child's pid. Whoever starts it waits for it (`childExit`). Throws SystemCallError. */
export function startProgram({ file, argv, env, stdio }: ProgramStart): number {
  calls ??= declare();
  const actions = new Uint8Array(ACTIONS_BYTES);
  check(calls.initActions(actions), file);
  try {
    for (const [target, source] of stdio.entries()) check(calls.addDup2(actions, source, target), file);
    if (calls.addCloseFrom !== undefined) check(calls.addCloseFrom(actions, stdio.length), file);
    const pid = new Int32Array(1);
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    check(calls.spawn(pid, file, actions, calls.attributes, [...argv, null], [...variables, null]), file);
    return pid[0] ?? 0;
  } finally {
    calls.destroyActions(actions);
  }
}
