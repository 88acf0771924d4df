/**
 * Many environments of one snapshot: real microVMs, real runtimes, functions that tell of all that is random in them. Nothing
 * may be alike.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRuntimes } from "../../src/artifacts/runtimes/runtimes.ts";
import { loadConfig } from "../../src/config/index.ts";
import type { Sandbox } from "../../src/sandbox/contract.ts";
import { memoryLog, testAssignment, testCall } from "../../src/worker/testing/fixtures.ts";
import { createWorker } from "../../src/worker/worker.ts";
import { tellingFunctions, type Told } from "./clones/functions.ts";
import { tlsServer } from "./clones/tls-server.ts";
import { microvm, onlyInFull } from "./levels.ts";
import { openBench } from "./support.ts";

const CLONES = 8;
/** They are emulated, each with a processor of its own. */
const AT_ONCE = 2;
/** ms; a machine that has more to do is waited for. */
const INIT_WITHIN_MS = 900_000;
const PORT = 4433;

/** The same sandbox, and a promise of its next snapshot. */
function watched(sandbox: Sandbox): { sandbox: Sandbox; taken: Promise<void> } {
  const taken = Promise.withResolvers<void>();
  return {
    taken: taken.promise,
    sandbox: {
      ...sandbox,
      async create(spec) {
        const jail = await sandbox.create(spec);
        if (spec.snapshotted !== true) return jail;
        return {
          ...jail,
          async snapshot() {
            const made = await jail.snapshot?.();
            assert.ok(made !== undefined);
            setImmediate(() => taken.resolve());
            return made;
          },
        };
      },
    },
  };
}

/** Who has the same as another one. */
function alike(values: readonly unknown[]): number {
  return values.length - new Set(values.map(String)).size;
}

void describe("environments of one snapshot", { skip: microvm.skip }, () => {
  for (const { runtime, handler, files } of tellingFunctions(PORT)) {
    void test(
      `${runtime}: nothing random is alike, clocks and names are right`,
      { skip: runtime.startsWith("ruby") && onlyInFull },
      async (t) => {
        const runtimes = createRuntimes({ dir: loadConfig({}, process.env).runtimesDir });
        t.after(() => runtimes.close());
        if (runtimes.image(runtime) === undefined) return t.skip(`the image of ${runtime} is not here`);
        const bench = openBench("microvm");
        t.after(() => bench.close());
        const opened = await bench.open();
        t.after(() => opened.close());
        const { sandbox, taken } = watched(opened);
        const { served, lines } = tlsServer(PORT);
        const failure = Promise.withResolvers<never>();
        failure.promise.catch(() => undefined);
        const worker = createWorker({
          sandbox,
          runtimes,
          logs: memoryLog(),
          kilnApi: () => served,
          report: failure.reject,
          runtimeSnapshots: { delayMs: 1 },
          initPhaseMs: INIT_WITHIN_MS,
        });
        t.after(() => worker.close(0));
        const code = await bench.image(files);
        const limits = { memoryMB: 256, vcpus: 1, pids: 1024, tmpMB: 64 };
        const function_ = { runtime, handler, tree: { code }, memoryMB: 256, limits, timeoutSeconds: 900 };
        const ask = async (): Promise<Told & { id: string }> => {
          const environment = await worker.start(testAssignment(function_));
          const before = Date.now();
          const { payload, functionError } = await environment.invoke(testCall());
          const after = Date.now();
          assert.equal(functionError, undefined, Buffer.from(payload).toString());
          const told = JSON.parse(Buffer.from(payload).toString()) as Told;
          const { time } = told;
          assert.ok(time > before - 1000 && time < after + 1000, `${time} is not between ${before} and ${after}`);
          await environment.retire("idle");
          return { ...told, id: environment.id };
        };
        // Its first use: it boots, and the snapshot is taken meanwhile.
        const first = await ask();
        await Promise.race([taken, failure.promise]);
        const handshakes = lines.length;
        const clones: (Told & { id: string })[] = [];
        while (clones.length < CLONES)
          clones.push(...(await Promise.race([Promise.all(Array.from({ length: AT_ONCE }, ask)), failure.promise])));

        const all = [first, ...clones];
        for (const name of Object.keys(first.random)) {
          assert.equal(
            alike(all.map(({ random }) => random[name])),
            0,
            `${name}: ${JSON.stringify(all.map(({ random }) => random[name]))}`,
          );
        }
        for (const { hostname, id } of all) assert.equal(hostname, id);
        // One line for each handshake of TLS 1.2.
        assert.equal(lines.length - handshakes, CLONES);
        const [randoms, secrets] = [1, 2].map((field) => lines.map((line) => line.split(" ")[field]));
        assert.equal(alike(randoms ?? []), 0, "clients' random bytes of handshakes");
        assert.equal(alike(secrets ?? []), 0, "keys of sessions");
      },
    );
  }
});
