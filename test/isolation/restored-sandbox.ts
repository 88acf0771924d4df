/**
 * A sandbox whose jails all go on from a snapshot: what holds for jails that boot has to hold for them, too. What the snapshot
 * has is a Node.js that waits for a program over its first connection, and becomes it.
 */
import { once } from "node:events";
import type { Socket } from "node:net";
import { type JailSnapshot, type JailSpec, RUNTIME_API_PORT, type Sandbox } from "../../src/sandbox/contract.ts";
import type { SandboxFixture } from "../../src/sandbox/conformance/subject.ts";

const loader = `
  const { existsSync, accessSync, constants } = require("node:fs");
  function ask() {
    let told = "";
    require("node:net").connect(${RUNTIME_API_PORT}, "127.0.0.1", function () { this.write("program?"); })
      .on("data", (data) => { told += data; })
      .on("error", () => undefined)
      .on("close", () => (told === "" ? ask() : become(JSON.parse(told))));
  }
  function become({ argv, env }) {
    if (!existsSync(argv[0])) process.exit(127);
    try { accessSync(argv[0], constants.X_OK); } catch { process.exit(126); }
    process.execve(argv[0], argv, env);
  }
  ask();`;

/** Snapshots are taken of as few sizes as the sandbox offers. */
export function restoredSandbox(sandbox: Sandbox, { rootImage, node }: SandboxFixture): Sandbox {
  const program = { rootImage, argv: [node, "--no-warnings", "-e", loader], env: {} };
  const snapshots = new Map<string, Promise<JailSnapshot>>();
  let count = 0;

  async function take(limits: JailSpec["limits"]): Promise<JailSnapshot> {
    const asks = Promise.withResolvers<void>();
    const onConnection = (socket: Socket): void => {
      socket.on("error", () => undefined);
      socket.once("data", () => asks.resolve());
    };
    const id = `template-${process.pid}-${++count}`;
    const jail = await sandbox.create({ id, ...program, limits, snapshotted: true, onConnection });
    for (const stream of [jail.stdout, jail.stderr]) stream.resume();
    await asks.promise;
    try {
      return (await jail.snapshot?.()) ?? never();
    } finally {
      await jail.destroy();
    }
  }

  return {
    ...sandbox,
    async create(spec) {
      const limits = sandbox.snapshots?.runtimeLimits(spec.limits);
      if (spec.argv.length === 0 || spec.rootImage !== rootImage || limits === undefined) return sandbox.create(spec);
      const key = JSON.stringify(limits);
      const taken = snapshots.get(key) ?? take(limits);
      snapshots.set(key, taken);
      let told = false;
      return sandbox.create({
        ...spec,
        ...program,
        from: await taken,
        tree: spec.tree ?? {},
        onConnection(socket) {
          if (told) {
            spec.onConnection(socket);
            return;
          }
          told = true;
          socket.on("error", () => undefined);
          void once(socket, "data").then(() => socket.end(JSON.stringify({ argv: spec.argv, env: spec.env })));
        },
      });
    },
  };
}

function never(): never {
  throw new Error("this level takes no snapshots");
}
