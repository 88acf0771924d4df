/**
 * Runs processes in a jail that is made for several: a function's runtime and its external extensions. An OCI runtime could
 * add processes to a jail, but runc cannot join a network namespace that is not the jail's own to configure, and what enters
 * a jail from outside can be met there by hostile code. So the first process of such a jail is a shell that starts what it
 * is told to. It shares its user with the function; whatever the function does to it, only that function suffers.
 *
 * Shell and host speak through named pipes in a directory that the jail cannot write to.
 */
import { chownSync, closeSync, constants, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Command, JailProcess } from "../contract.ts";
import { fromInit, type ChildExit } from "../host/children.ts";
import { mkfifo } from "../host/libc.ts";
import { LAUNCHER_DIR } from "./config.ts";
import type { Holdings } from "./holdings.ts";
import type { Owner } from "./output-pipe.ts";

/** Each process has a shell of its own that waits for it, so that the first one can go on listening. */
const SCRIPT = `
while read -r word n; do
  case $word in
    run) {
      sh $d/$n.sh >$d/$n.out 2>$d/$n.err &
      echo pid $n $!
      wait $!
      echo exit $n $?
    } >$d/status & ;;
    TERM | KILL) kill -s $word $n ;;
  esac
done <$d/control`;

export const LAUNCHER_ARGV: readonly string[] = ["/bin/sh", "-c", `d=${LAUNCHER_DIR}; ${SCRIPT}`];

const STATUS_LINE = /^(pid|exit) (\d{1,4}) (\d{1,9})$/;
/** More of a status line than there can be: then the function wrote it. */
const LONGEST_LINE = 64;

export interface Launcher {
  /** On the host; appears at `LAUNCHER_DIR`. */
  readonly dir: string;
  run(command: Command): JailProcess;
  /** The jail has ended, and with it every process. */
  ended(): void;
}

interface Started {
  pid: number | undefined;
  /** Signals that were asked for before the pid was known. */
  signals: string[];
  resolve(exit: ChildExit): void;
  /** Lets go of the host's own writing ends, which keep the pipes from ending before the process has opened them. */
  opened(): void;
}

/** The text as one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Other names a shell cannot hold; only those of a container image's own variables may be such. */
const SHELL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What the shell of one process reads: its variables, and the program that takes its place. */
function processScript({ argv, env }: Command): string {
  const named = Object.entries(env).filter(([name]) => SHELL_NAME.test(name));
  const exports = named.map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  return `unset HOME OLDPWD SHLVL\n${exports.join("")}exec ${argv.map(quoted).join(" ")}\n`;
}

/** For reading and writing, which never waits for the other side. */
function openBoth(path: string): number {
  return openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
}

/**
 * @param owner Ids on the host of the jail's user.
 * @param rootId That of the jail's root, to whom belongs what the user may only read: a level's file server may be no more.
 */
export function createLauncher(dir: string, owner: Owner, rootId: number, holdings: Holdings): Launcher {
  mkdirSync(dir, { mode: 0o750 });
  chownSync(dir, rootId, owner.gid);
  holdings.add(() => rmSync(dir, { recursive: true, force: true }));
  const processes = new Map<string, Started>();
  let count = 0;

  function makePipe(name: string): string {
    const path = join(dir, name);
    mkfifo(path);
    chownSync(path, owner.uid, owner.gid);
    return path;
  }

  function reader(path: string): { readable: Readable; opened(): void } {
    const held = openBoth(path);
    let open = true;
    const opened = (): void => {
      if (open) closeSync(held);
      open = false;
    };
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const readable = new Socket({ fd, readable: true, writable: false });
    readable.on("error", () => readable.destroy());
    holdings.add(() => {
      opened();
      readable.destroy();
    });
    return { readable, opened };
  }

  const control = openBoth(makePipe("control"));
  holdings.add(() => closeSync(control));
  const status = reader(makePipe("status")).readable;
  let rest = "";
  status.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString("latin1")).split("\n");
    rest = (lines.pop() ?? "").slice(0, LONGEST_LINE);
    for (const line of lines) heard(line);
  });

  function heard(line: string): void {
    const [, word, name = "", number] = STATUS_LINE.exec(line) ?? [];
    const started = processes.get(name);
    if (started === undefined) return;
    if (word === "pid") {
      started.pid = Number(number);
      for (const signal of started.signals.splice(0)) tell(`${signal} ${started.pid}`);
    } else {
      processes.delete(name);
      started.opened();
      started.resolve(fromInit({ status: Number(number), signal: null }));
    }
  }

  function tell(line: string): void {
    try {
      writeSync(control, `${line}\n`);
    } catch {
      // Full: the function keeps its launcher from reading. What was asked for does not happen; the jail's end will.
    }
  }

  return {
    dir,
    run(command) {
      const name = String(++count);
      const script = join(dir, `${name}.sh`);
      writeFileSync(script, processScript(command), { mode: 0o440 });
      chownSync(script, rootId, owner.gid);
      const stdout = reader(makePipe(`${name}.out`));
      const stderr = reader(makePipe(`${name}.err`));
      const { promise: exited, resolve } = Promise.withResolvers<ChildExit>();
      const opened = (): void => {
        stdout.opened();
        stderr.opened();
      };
      const started: Started = { pid: undefined, signals: [], resolve, opened };
      processes.set(name, started);
      tell(`run ${name}`);
      return {
        stdout: stdout.readable,
        stderr: stderr.readable,
        exited,
        kill(signal) {
          if (!processes.has(name)) return;
          const word = signal.slice(3);
          if (started.pid === undefined) started.signals.push(word);
          else tell(`${word} ${started.pid}`);
        },
      } satisfies JailProcess;
    },
    ended() {
      for (const [name, started] of processes) {
        processes.delete(name);
        started.opened();
        started.resolve({ status: null, signal: "SIGKILL" });
      }
    },
  };
}
