/** A sandbox without isolation for tests: guests are functions of the test, but their sockets are real. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { KilnError } from "../../base/errors.ts";
import type { Command, FunctionTree, Jail, JailExit, JailSnapshot, JailSpec, Sandbox } from "../../sandbox/contract.ts";
import { createFakeSnapshots } from "./fake-snapshots.ts";

/** What `run` of a jail has started. */
export interface FakeProcess {
  command: Command;
  stdout(text: string): void;
  stderr(text: string): void;
  exit(status: number): void;
  /** SIGTERM ends it unless this is set. */
  onTerm: (() => void) | undefined;
  readonly dead: boolean;
}

export interface FakeGuest {
  spec: JailSpec;
  /** Loopback port of this jail's Runtime API. */
  port: number;
  /** Set by `assign`. */
  tree: FunctionTree | undefined;
  stdout(text: string): void;
  stderr(text: string): void;
  /** The process ends. */
  exit(exit: Partial<JailExit>): void;
  /** True once it has ended or was killed. */
  readonly dead: boolean;
  peakBytes: number;
  /** What a process does that is started in it; when it returns or throws, the process exits with status 0 or 1. */
  onRun: ((process: FakeProcess) => Promise<void>) | undefined;
  readonly processes: FakeProcess[];
  /** The guest whose snapshot it started from: its program begins anew, and finds here what it was. */
  readonly restoredFrom: FakeGuest | undefined;
}

export interface FakeSandbox extends Sandbox {
  readonly guests: FakeGuest[];
  /** Jails that have not been destroyed. */
  readonly alive: number;
  /** What images hold, by `<image>/<directory>`. */
  readonly files: Map<string, readonly string[]>;
  /** Makes `create` fail from now on. */
  broken: boolean;
  /** Snapshots that have not been released. */
  readonly snapshotsHeld: number;
}

/**
 * @param program What a guest does; when it returns or throws, its process exits with status 0 or 1.
 * @param snapshots Whether the level has them.
 */
export function createFakeSandbox(
  program: (guest: FakeGuest) => Promise<void>,
  preboot = false,
  { snapshots = false }: { snapshots?: boolean } = {},
): FakeSandbox {
  const guests: FakeGuest[] = [];
  const jails = new Set<Jail>();
  const kept = createFakeSnapshots();
  const sandbox: FakeSandbox = {
    level: "container",
    preboot,
    guests,
    broken: false,
    files: new Map(),
    get alive() {
      return jails.size;
    },
    get snapshotsHeld() {
      return kept.held;
    },
    ...(snapshots ? { snapshots: kept.snapshots } : {}),
    create,
    filesIn: (image, dir) => [...(sandbox.files.get(`${image}/${dir}`) ?? [])],
    async close() {
      await Promise.all([...jails].map((jail) => jail.destroy()));
    },
  };

  async function create(spec: JailSpec): Promise<Jail> {
    if (sandbox.broken) throw new Error("the fake sandbox is broken");
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const restoredFrom = spec.from === undefined ? undefined : kept.guestOf(spec.from);
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      spec.onConnection(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    let dead = false;
    const { promise: exited, resolve: resolveExit } = Promise.withResolvers<JailExit>();
    function end(exit: JailExit): void {
      if (dead) return;
      dead = true;
      stdout.end();
      stderr.end();
      resolveExit(exit);
    }
    const guest: FakeGuest = {
      spec,
      port: (server.address() as AddressInfo).port,
      tree: spec.tree,
      stdout: (text) => void (dead || stdout.write(text)),
      stderr: (text) => void (dead || stderr.write(text)),
      exit: (exit) => end({ status: 0, signal: null, oomKilled: false, ...exit }),
      get dead() {
        return dead;
      },
      peakBytes: 40 * 1024 * 1024,
      onRun: undefined,
      processes: [],
      restoredFrom,
    };
    let taken = false;
    async function snapshot(): Promise<JailSnapshot> {
      if (spec.snapshotted !== true || taken || dead) throw new KilnError("JAIL_GONE", "No snapshot of this jail.");
      taken = true;
      for (const socket of sockets) socket.destroy();
      end({ status: null, signal: "SIGKILL", oomKilled: false });
      return kept.take(guest);
    }
    const jail: Jail = {
      id: spec.id,
      stdout,
      stderr,
      exited,
      async assign(tree) {
        if (guest.tree !== undefined) throw new Error("assigned twice");
        guest.tree = tree;
      },
      run(command) {
        const runStdout = new PassThrough();
        const runStderr = new PassThrough();
        const { promise, resolve } = Promise.withResolvers<{ status: number | null; signal: string | null }>();
        let over = false;
        function finish(exitOfRun: { status: number | null; signal: string | null }): void {
          if (over) return;
          over = true;
          runStdout.end();
          runStderr.end();
          resolve(exitOfRun);
        }
        void exited.then(() => finish({ status: null, signal: "SIGKILL" }));
        const started: FakeProcess = {
          command,
          stdout: (text) => void (over || runStdout.write(text)),
          stderr: (text) => void (over || runStderr.write(text)),
          exit: (status) => finish({ status, signal: null }),
          onTerm: undefined,
          get dead() {
            return over;
          },
        };
        guest.processes.push(started);
        if (guest.onRun === undefined) throw new Error("this guest runs no processes");
        guest.onRun(started).then(
          () => finish({ status: 0, signal: null }),
          () => finish({ status: 1, signal: null }),
        );
        return {
          stdout: runStdout,
          stderr: runStderr,
          exited: promise,
          kill(signal) {
            if (signal === "SIGTERM" && started.onTerm !== undefined) started.onTerm();
            else finish({ status: null, signal });
          },
        };
      },
      connect: (port) => connect(port, "127.0.0.1"),
      ...(snapshots ? { snapshot } : {}),
      memory: () => ({ currentBytes: guest.peakBytes, peakBytes: guest.peakBytes, oomKills: 0 }),
      terminate: () => end({ status: null, signal: "SIGTERM", oomKilled: false }),
      async destroy() {
        end({ status: null, signal: "SIGKILL", oomKilled: false });
        server.close();
        jails.delete(jail);
        return exited;
      },
    };
    guests.push(guest);
    jails.add(jail);
    program(guest).then(
      () => guest.exit({ status: 0 }),
      () => guest.exit({ status: 1 }),
    );
    return jail;
  }

  return sandbox;
}
