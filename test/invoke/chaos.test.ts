/** Guests are killed at any moment of their lives; every call still gets exactly one answer, and its own. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import type { InvokeAnswer, Invoker, Target } from "../../src/invoke/contract.ts";
import { createInvoker } from "../../src/invoke/invoker.ts";
import type { Assignment, Worker } from "../../src/worker/contract.ts";
import { createChance } from "../../src/worker/testing/chance.ts";
import { createRuntimeClient } from "../../src/worker/testing/fake-runtime.ts";
import { createFakeSandbox } from "../../src/worker/testing/fake-sandbox.ts";
import { memoryLog, testAssignment, testRuntimes } from "../../src/worker/testing/fixtures.ts";
import { createWorker } from "../../src/worker/worker.ts";
import { openRealWorker } from "../worker/support.ts";

const scope = { account: "000000000000", region: "us-east-1" };
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function invokerFor(worker: Worker, assignment: () => Promise<Assignment>, errors: unknown[]): Invoker {
  const target: Target = {
    functionName: "f",
    version: "$LATEST",
    invokedArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
    key: "f1",
    assignment,
  };
  return createInvoker({
    worker,
    hostMemoryMB: 1_000_000,
    report: (error) => void errors.push(error),
    directory: { resolve: () => target, accountConcurrency: () => 1000 },
  });
}

/** Makes calls, so many at a time, and counts how they ended. A payload that is not this call's is a failure. */
async function callAll(invoker: Invoker, calls: number, atOnce: number): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  let left = calls;
  async function one(): Promise<void> {
    while (left > 0) {
      left -= 1;
      const requestId = randomUUID();
      const payload = Buffer.from(JSON.stringify(requestId));
      const answer = await invoker.invoke({ scope, functionName: "f", requestId, payload, tail: true });
      const outcome = judge(requestId, answer);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one));
  return outcomes;
}

function judge(requestId: string, answer: InvokeAnswer): string {
  const body: unknown = JSON.parse(Buffer.from(answer.payload).toString());
  const tail = Buffer.from(answer.logTail ?? []).toString();
  assert.equal(tail.match(/^REPORT /gm)?.length, 1, tail);
  assert.ok(tail.includes(`REPORT RequestId: ${requestId}\t`), tail);
  if (answer.functionError === undefined) {
    assert.equal(body, requestId);
    return "answered";
  }
  const { errorType, errorMessage } = body as { errorType: string; errorMessage: string };
  if (errorType !== "Runtime.ImportModuleError")
    assert.ok(errorMessage.startsWith(`RequestId: ${requestId} `), errorMessage);
  return errorType;
}

const total = (outcomes: Record<string, number>): number => Object.values(outcomes).reduce((sum, n) => sum + n, 0);

test("guests that die by chance at every step of the protocol", { timeout: 60_000 }, async (t) => {
  const chance = createChance();
  t.diagnostic(`seed ${chance.seed}`);
  const log = memoryLog();
  const errors: unknown[] = [];
  const sandbox = createFakeSandbox(async (guest) => {
    const client = createRuntimeClient(guest.port);
    const dies = (): boolean => {
      if (chance.next() >= 0.04) return false;
      guest.exit({ status: chance.below(3), signal: null });
      return true;
    };
    if (chance.next() < 0.05) {
      await client.initError(
        '{"errorType":"Runtime.ImportModuleError","errorMessage":""}',
        "Runtime.ImportModuleError",
      );
      return;
    }
    for (;;) {
      if (dies()) return;
      const event = await client.next();
      guest.stdout(`working on ${event.body}\n`);
      if (dies()) return;
      if (chance.next() < 0.3) await pause(chance.below(3));
      const sent = client.respond(String(event.headers["lambda-runtime-aws-request-id"]), event.body);
      // Its connection may be cut before the answer.
      sent.catch(() => undefined);
      if (dies()) return;
      await sent;
      if (chance.next() < 0.3) await pause(chance.below(3));
    }
  });
  const worker = createWorker({
    sandbox,
    runtimes: testRuntimes,
    logs: log,
    report: (error) => void errors.push(error),
  });
  const invoker = invokerFor(worker, async () => testAssignment({ timeoutSeconds: 5 }), errors);
  const outcomes = await callAll(invoker, 2000, 20);
  t.diagnostic(JSON.stringify(outcomes));
  assert.equal(total(outcomes), 2000);
  assert.ok((outcomes["answered"] ?? 0) > 1000);
  assert.equal(outcomes["Sandbox.Timedout"], undefined);
  await invoker.close(1000);
  await worker.close(1000);
  assert.equal(sandbox.alive, 0);
  assert.equal(log.openStreams, 0);
  assert.deepEqual(errors, []);
});

test("real jails that are killed while they work", { timeout: 120_000 }, async (t) => {
  const chance = createChance();
  t.diagnostic(`seed ${chance.seed}`);
  const real = await openRealWorker({ pool: { size: 1 } });
  const over = new AbortController();
  try {
    const assignment = await real.assignment(
      `export const handler = async (event) => { await new Promise((resolve) => setTimeout(resolve, Math.random() * 20)); return event; };`,
    );
    const invoker = invokerFor(real.worker, async () => assignment, real.errors);
    async function killNow(): Promise<void> {
      while (!over.signal.aborted) {
        await pause(20 + chance.below(60));
        const running = real.jails.at(-1 - chance.below(Math.min(4, real.jails.length || 1)));
        if (running !== undefined) await running.destroy();
      }
    }
    const killer = killNow();
    const outcomes = await callAll(invoker, 300, 4);
    over.abort();
    await killer;
    t.diagnostic(JSON.stringify({ ...outcomes, jails: real.jails.length }));
    assert.equal(total(outcomes), 300);
    for (const outcome of Object.keys(outcomes)) assert.match(outcome, /^(answered|Runtime\.ExitError)$/);
    await invoker.close(5000);
    await real.worker.close(5000);
    for (const jail of real.jails) await jail.exited;
  } finally {
    over.abort();
    await real.close();
  }
});
