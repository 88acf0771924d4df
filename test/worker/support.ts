/** Real jails for worker tests: the node runtime, functions from source text, and a check that nothing is left. */
import assert from "node:assert/strict";
import { createRuntimes } from "../../src/artifacts/runtimes/runtimes.ts";
import type { Assignment, Environment, Worker } from "../../src/worker/contract.ts";
import { memoryLog, testAssignment, type MemoryLog } from "../../src/worker/testing/fixtures.ts";
import { createWorker, type WorkerOptions } from "../../src/worker/worker.ts";
import { loadConfig } from "../../src/config/index.ts";
import type { Jail, JailSpec, Sandbox } from "../../src/sandbox/contract.ts";
import { openBench } from "../isolation/support.ts";

export interface RealWorker {
  worker: Worker;
  sandbox: Sandbox;
  log: MemoryLog;
  errors: unknown[];
  /** Every jail that was made. */
  jails: Jail[];
  /** Set by a test to change the next jails. */
  adapt: (spec: JailSpec) => JailSpec;
  /** Starts an environment of a function whose `index.mjs` has this source. */
  start: (source: string, changes?: Partial<Assignment>) => Promise<Environment>;
  /** An image of a layer: files that begin with `#!` can be run. */
  layer: (files: Readonly<Record<string, string>>) => Promise<string>;
  assignment: (source: string, changes?: Partial<Assignment>) => Promise<Assignment>;
  close: () => Promise<void>;
}

let keys = 0;

export async function openRealWorker(options: Partial<WorkerOptions> = {}): Promise<RealWorker> {
  const bench = openBench();
  const runtimes = createRuntimes({ dir: loadConfig({}, process.env).runtimesDir });
  const opened = await bench.open();
  const jails: Jail[] = [];
  const sandbox: Sandbox = {
    level: opened.level,
    preboot: opened.preboot,
    filesIn: (image, dir) => opened.filesIn(image, dir),
    close: () => opened.close(),
    async create(spec) {
      const jail = await opened.create(real.adapt(spec));
      jails.push(jail);
      return jail;
    },
  };
  const log = memoryLog();
  const errors: unknown[] = [];
  const worker = createWorker({
    sandbox,
    runtimes,
    logs: log,
    report: (error) => void errors.push(error),
    pool: { size: 0 },
    ...options,
  });

  async function assignment(source: string, changes: Partial<Assignment> = {}): Promise<Assignment> {
    const code = await bench.image({ "index.mjs": source });
    const memoryMB = changes.memoryMB ?? 512;
    return testAssignment({
      key: `key-${++keys}`,
      memoryMB,
      limits: { memoryMB, vcpus: memoryMB / 1769, pids: 1024, tmpMB: 512 },
      timeoutSeconds: 10,
      ...changes,
      tree: { ...changes.tree, code },
    });
  }

  const real: RealWorker = {
    worker,
    sandbox,
    log,
    errors,
    jails,
    adapt: (spec) => spec,
    layer: (files) => bench.image(files),
    assignment,
    start: async (source, changes) => worker.start(await assignment(source, changes)),
    async close() {
      await worker.close(0);
      await sandbox.close();
      runtimes.close();
      bench.close();
      assert.deepEqual(errors, []);
      assert.equal(log.openStreams, 0);
    },
  };
  return real;
}

export const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
