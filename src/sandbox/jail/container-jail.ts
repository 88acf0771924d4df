/** One living jail: everything that was made for it on the host, and its end. */
import type { Socket } from "node:net";
import { availableParallelism } from "node:os";
import type { Readable } from "node:stream";
import { KilnError, systemCode } from "../../base/errors.ts";
import type { FunctionTree, Jail, JailExit, JailLimits, KeptTmp, MemoryUse, NetworkPolicy } from "../contract.ts";
import { fromInit, type ChildExit } from "../host/children.ts";
import type { JailGroup } from "../host/cgroups/group.ts";
import type { Connection } from "../host/network/host-network.ts";
import { drained, endAndRelease } from "./ending.ts";
import type { Holdings } from "./holdings.ts";
import type { Launcher } from "./launcher.ts";

export interface JailParts {
  id: string;
  /** Process 1 of the jail, a child of this process. */
  pid: number;
  ended: Promise<ChildExit>;
  stdout: Readable;
  stderr: Readable;
  group: JailGroup;
  limits: JailLimits;
  hasTree: boolean;
  /** Connections to the Runtime API. */
  sockets: ReadonlySet<Socket>;
  mountTree(tree: FunctionTree): void;
  /** A new, empty /tmp over the one that is there. */
  mountTmp(tmpMB: number): Promise<void>;
  keepTmp: () => KeptTmp;
  /** Present in a jail without a first process of its own. */
  launcher: Launcher | undefined;
  connect(port: number): Socket;
  /** Its part of the network; undefined where the sandbox has none. */
  connection: Connection | undefined;
  holdings: Holdings;
  /** See `GroundOptions`. */
  report: (error: unknown) => void;
  /** ms; tests move it. */
  endWithinMs?: number;
  /** Called once everything is gone. */
  onGone(): void;
}

export function containerJail(parts: JailParts): Jail {
  const { group } = parts;
  let alive = true;
  let assigned = parts.hasTree;
  let gone: Promise<JailExit> | undefined;

  function signal(name: "SIGTERM" | "SIGKILL"): void {
    // The pid is a child's that was not waited for: it cannot be somebody else's.
    if (!alive) return;
    try {
      process.kill(parts.pid, name);
    } catch (error) {
      if (systemCode(error) !== "ESRCH") throw error;
    }
  }

  let frozen = false;
  function setFrozen(wanted: boolean): void {
    if (frozen === wanted || !alive) return;
    group.setFrozen?.(wanted);
    frozen = wanted;
  }

  const exited = parts.ended.then((exit): JailExit => {
    alive = false;
    parts.launcher?.ended();
    return { ...fromInit(exit), oomKilled: group.memory().oomKills > 0 };
  });

  async function end(): Promise<JailExit> {
    // Processes die on their jail's time: a thousand of them would take minutes of a small share.
    if (alive) group.setCpu(availableParallelism());
    signal("SIGKILL");
    setFrozen(false);
    const { id, pid, report, endWithinMs: withinMs } = parts;
    return endAndRelease({ id, pid, exited, hangUp, release, report, withinMs });
  }

  function hangUp(): void {
    for (const socket of parts.sockets) socket.destroy();
  }

  async function release(): Promise<void> {
    hangUp();
    await Promise.all([drained(parts.stdout), drained(parts.stderr)]);
    await parts.holdings.release();
    parts.onGone();
  }

  return {
    id: parts.id,
    stdout: parts.stdout,
    stderr: parts.stderr,
    exited,
    async assign(tree: FunctionTree, limits: JailLimits, network: NetworkPolicy = { kind: "none" }): Promise<void> {
      if (tree.files !== undefined) throw new TypeError("shared files are mounted when a jail is made");
      if (assigned) throw new KilnError("JAIL_ASSIGNED", `Jail ${parts.id} already belongs to a function.`);
      if (!alive || gone !== undefined) throw new KilnError("JAIL_GONE", `Jail ${parts.id} has ended.`);
      assigned = true;
      group.setMemory(limits.memoryMB);
      group.setPids(limits.pids);
      group.setCpu(limits.vcpus);
      if (limits.tmpMB !== parts.limits.tmpMB) await parts.mountTmp(limits.tmpMB);
      await parts.connection?.allow(network);
      parts.mountTree(tree);
    },
    memory: (): MemoryUse => group.memory(),
    peakBytes: () => group.peakBytes(),
    run(command) {
      if (!alive || gone !== undefined) throw new KilnError("JAIL_GONE", `Jail ${parts.id} has ended.`);
      if (parts.launcher === undefined) throw new TypeError("this jail was made for one process");
      return parts.launcher.run(command);
    },
    connect(port) {
      if (!alive || gone !== undefined) throw new KilnError("JAIL_GONE", `Jail ${parts.id} has ended.`);
      return parts.connect(port);
    },
    setVcpus(vcpus) {
      if (alive) group.setCpu(vcpus);
    },
    ...(group.setFrozen === undefined
      ? {}
      : {
          freeze() {
            // What is being ended must not be held back.
            if (gone === undefined) setFrozen(true);
          },
          thaw: () => setFrozen(false),
        }),
    keepTmp: () => (gone === undefined ? parts.keepTmp() : undefined),
    terminate() {
      signal("SIGTERM");
      setFrozen(false);
    },
    destroy() {
      gone ??= end();
      return gone;
    },
  };
}
