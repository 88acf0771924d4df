/** A sandbox without isolation for tests: guests are functions of the test, but their sockets are real. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import type { FunctionTree, Jail, JailExit, JailSpec, Sandbox } from "../../sandbox/contract.ts";

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
}

export interface FakeSandbox extends Sandbox {
  readonly guests: FakeGuest[];
  /** Jails that have not been destroyed. */
  readonly alive: number;
  /** Makes `create` fail from now on. */
  broken: boolean;
}

/** @param program What a guest does; when it returns or throws, its process exits with status 0 or 1. */
export function createFakeSandbox(program: (guest: FakeGuest) => Promise<void>, preboot = false): FakeSandbox {
  const guests: FakeGuest[] = [];
  const jails = new Set<Jail>();
  const sandbox: FakeSandbox = {
    level: "container",
    preboot,
    guests,
    broken: false,
    get alive() {
      return jails.size;
    },
    create,
    async close() {
      await Promise.all([...jails].map((jail) => jail.destroy()));
    },
  };

  async function create(spec: JailSpec): Promise<Jail> {
    if (sandbox.broken) throw new Error("the fake sandbox is broken");
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const server = createServer((socket) => spec.onConnection(socket));
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
    };
    const jail: Jail = {
      id: spec.id,
      stdout,
      stderr,
      exited,
      async assign(tree) {
        if (guest.tree !== undefined) throw new Error("assigned twice");
        guest.tree = tree;
      },
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
