/** One living microVM, as a jail. */
import type { Socket } from "node:net";
import { availableParallelism } from "node:os";
import { PassThrough } from "node:stream";
import { KilnError, systemCode } from "../../base/errors.ts";
import type { Jail, JailExit, JailProcess, JailSnapshot, KeptTmp, MemoryUse } from "../contract.ts";
import type { JailGroup } from "../host/cgroups/group.ts";
import type { ChildExit } from "../host/children.ts";
import type { Tap } from "../host/network/tap.ts";
import { drained, endAndRelease, within } from "../jail/ending.ts";
import type { Holdings } from "../jail/holdings.ts";
import type { Agent, GuestProcess } from "./agent/agent.ts";
import { createPausing } from "./pausing.ts";
import type { Vm } from "./vmm/contract.ts";

export interface MicrovmParts {
  id: string;
  /** The VMM, a child of this process. */
  pid: number;
  ended: Promise<ChildExit>;
  vm: Vm;
  agent: Agent;
  /** The guest's first process of the function; undefined where there is none. */
  process: GuestProcess | undefined;
  group: JailGroup;
  tap: Tap;
  /** Connections from the guest. */
  sockets: ReadonlySet<Socket>;
  setVcpus(vcpus: number): void;
  keepTmp(): KeptTmp;
  /** Of a jail that was made for it. */
  takeSnapshot: (() => Promise<JailSnapshot>) | undefined;
  holdings: Holdings;
  /** See `GroundOptions`. */
  report: (error: unknown) => void;
  /** ms; tests move it. */
  endWithinMs?: number;
  onGone(): void;
}

/** A guest whose function has ended turns itself off; one that does not is ended. */
const OFF_WITHIN_MS = 5_000;

function endedStream(): PassThrough {
  const stream = new PassThrough();
  stream.end();
  return stream;
}

export function microvmJail(parts: MicrovmParts): Jail {
  const { id, vm, agent, group, tap } = parts;
  const pausing = createPausing(vm, agent);
  const stdout = parts.process?.stdout ?? endedStream();
  const stderr = parts.process?.stderr ?? endedStream();
  let alive = true;
  let keptTmp = false;
  let snapshotAsked = false;
  let count = 1;
  let gone: Promise<JailExit> | undefined;

  function kill(): void {
    // The pid is a child's that was not waited for: it cannot be somebody else's.
    if (!alive) return;
    try {
      process.kill(parts.pid, "SIGKILL");
    } catch (error) {
      if (systemCode(error) !== "ESRCH") throw error;
    }
  }

  const exited = parts.ended.then((): JailExit => {
    alive = false;
    const exit = agent.firstExit() ?? { status: null, signal: "SIGKILL" };
    return { ...exit, oomKilled: agent.memory().oomKills > 0 || group.memory().oomKills > 0 };
  });
  void parts.process?.exited.then(() => setTimeout(kill, OFF_WITHIN_MS).unref());

  function checkAlive(): void {
    if (!alive || gone !== undefined) throw new KilnError("JAIL_GONE", `Jail ${id} has ended.`);
  }

  async function end(): Promise<JailExit> {
    if (alive) group.setCpu(availableParallelism());
    if (alive && keptTmp) await leaveTmp();
    kill();
    const { pid, report, endWithinMs: withinMs } = parts;
    return endAndRelease({ id, pid, exited, hangUp, release, report, withinMs });
  }

  function hangUp(): void {
    for (const socket of parts.sockets) socket.destroy();
  }

  async function release(): Promise<void> {
    await Promise.all([drained(stdout), drained(stderr)]);
    hangUp();
    await parts.holdings.release();
    parts.onGone();
  }

  /** What the guest has not written to its disk yet would be lost. */
  async function leaveTmp(): Promise<void> {
    pausing.set(false);
    await within(OFF_WITHIN_MS, agent.set([["leave", 1]]), () => undefined).catch(() => undefined);
  }

  /** Whether it worked or not, the machine is over: its connections are gone. */
  async function snapshot(): Promise<JailSnapshot> {
    checkAlive();
    if (parts.takeSnapshot === undefined || snapshotAsked) {
      throw new KilnError("NO_SNAPSHOT", `Jail ${id} was not made for a snapshot, or has had its own.`);
    }
    if (pausing.is) throw new KilnError("JAIL_FROZEN", `No snapshot is taken of jail ${id} while it is frozen.`);
    snapshotAsked = true;
    try {
      return await parts.takeSnapshot();
    } finally {
      kill();
    }
  }

  return {
    id,
    snapshot,
    stdout,
    stderr,
    exited,
    assign() {
      const reason = alive && gone === undefined ? "JAIL_ASSIGNED" : "JAIL_GONE";
      return Promise.reject(new KilnError(reason, `microVM ${id} was made for its function.`));
    },
    memory: (): MemoryUse => agent.memory(),
    run(command): JailProcess {
      checkAlive();
      if (parts.process !== undefined) throw new TypeError("this jail was made for one process");
      const number = ++count;
      const started = agent.run(number, command);
      let running = true;
      void started.exited.then(() => {
        running = false;
      });
      return { ...started, kill: (signal) => (running ? agent.signal(number, signal) : undefined) };
    },
    connect(port) {
      checkAlive();
      return tap.connect(port);
    },
    setVcpus(vcpus) {
      if (alive) parts.setVcpus(vcpus);
    },
    freeze() {
      // What is being ended must not be held back.
      if (alive && gone === undefined) pausing.set(true);
    },
    thaw() {
      if (alive) pausing.set(false);
    },
    keepTmp() {
      if (gone !== undefined) return undefined;
      keptTmp = true;
      return parts.keepTmp();
    },
    terminate() {
      if (!alive) return;
      pausing.set(false);
      agent.signal(0, "SIGTERM");
    },
    destroy() {
      gone ??= end();
      return gone;
    },
  };
}
