/**
 * Attacks as functions of a real Kiln, through its API, at one level. While each of them runs, a neighbour is called without
 * pause: its answers have to stay right, and how long they take is reported. What has become of each attack is told to
 * `npm run test:isolation`, which makes a table of it.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestContext } from "node:test";
import type { CreateFunctionCommandInput, LambdaClient } from "@aws-sdk/client-lambda";
import { buildRuntimes } from "../../src/artifacts/runtimes/index.ts";
import { instanceName, loadConfig } from "../../src/config/index.ts";
import { call, deploy, type Answer } from "../support/functions.ts";
import { leftovers, startTestKiln, type TestKiln } from "../support/kiln.ts";
import { type HostileFinding, NO_ATTACK, tellFindings } from "./findings.ts";
import type { Level } from "./levels.ts";
import { tracesOf } from "./traces.ts";

export interface Arena {
  kiln: TestKiln;
  client: LambdaClient;
  instance: string;
  /** Deploys a program of the folder `attacks`; its language is its file's. */
  deploy(name: string, file: string, settings?: Partial<CreateFunctionCommandInput>, by?: LambdaClient): Promise<void>;
  level: Level;
  /** Runs an attack while the neighbour is called, and adds it to the table; `how` says how it was denied. */
  beside<T>(attack: string, work: () => Promise<T>, how?: (done: T) => string): Promise<T>;
  /** Adds to the table how an attack was denied that was a part of another one. */
  denied(attack: string, how: string): void;
  call(name: string, event?: unknown): Promise<Answer>;
  /** Prints the table, stops Kiln, and looks for what is left. */
  close(): Promise<void>;
}

interface Times {
  attack: string;
  how: string;
  calls: number;
  p50: number;
  p99: number;
}

const neighbour = `
let calls = 0;
export const handler = async ({ n }) => ({ n: n * 2, calls: (calls += 1), secret: process.env.SECRET });`;

export async function openArena(
  context: TestContext,
  level: Level,
  environment: Record<string, string> = {},
): Promise<Arena> {
  await buildRuntimes({ dir: loadConfig({}, process.env).runtimesDir, ids: ["nodejs24.x", "python3.13"] });
  const kiln = await startTestKiln(context, { KILN_ISOLATION: level, KILN_DRAIN_MS: "500", ...environment });
  const client = kiln.client();
  const table: Times[] = [];
  const parts: HostileFinding[] = [];
  const Environment = { Variables: { SECRET: "the neighbour's" } };
  await deploy(client, "neighbour", neighbour, { Environment, Timeout: 60 });
  let calls = 0;

  async function callNeighbour(): Promise<number> {
    const startedAt = performance.now();
    calls += 1;
    const { payload } = await call(client, "neighbour", { n: calls });
    // One environment serves them all: whoever disturbed it would show in the count.
    assert.deepEqual(payload, { n: calls * 2, calls, secret: "the neighbour's" });
    return performance.now() - startedAt;
  }

  async function beside<T>(attack: string, work: () => Promise<T>, how: (done: T) => string = () => ""): Promise<T> {
    let over = false;
    const isOver = (): boolean => over;
    const running = work().finally(() => (over = true));
    const times: number[] = [];
    const calling = (async () => {
      do times.push(await callNeighbour());
      while (!isOver());
    })();
    const [done] = await Promise.all([running, calling]);
    times.sort((a, b) => a - b);
    const at = (share: number): number => times[Math.floor((times.length - 1) * share)] ?? 0;
    table.push({ attack, how: how(done), calls: times.length, p50: at(0.5), p99: at(0.99) });
    return done;
  }

  await callNeighbour();
  await beside(NO_ATTACK, () => sleep(500));
  return {
    kiln,
    client,
    instance: instanceName(kiln.state),
    async deploy(name, file, settings = {}, by = client) {
      const python = file.endsWith(".py");
      const text = readFileSync(join(import.meta.dirname, "attacks", file), "utf8");
      await deploy(by, name, python ? { "attack.py": text } : { "index.mjs": text }, {
        ...(python ? { Runtime: "python3.13", Handler: "attack.handler" } : {}),
        Timeout: 30,
        ...settings,
      });
    },
    level,
    beside,
    denied: (attack, how) => void parts.push({ level, attack, how }),
    call: (name, event) => call(client, name, event),
    async close() {
      context.diagnostic(`${"a neighbour beside".padEnd(40)}  calls  p50, ms  p99, ms`);
      for (const { attack, calls: count, p50, p99 } of table) {
        const figures = [String(count).padStart(6), p50.toFixed(1).padStart(8), p99.toFixed(1).padStart(8)];
        context.diagnostic(`${attack.padEnd(40)} ${figures.join(" ")}`);
      }
      tellFindings([...table.map((row) => ({ level, ...row })), ...parts]);
      await kiln.stop();
      assert.deepEqual([...tracesOf(instanceName(kiln.state)), ...leftovers(kiln.state)], []);
    },
  };
}
