/**
 * A hundred functions with events, of which one always fails and one never answers: the events of the others do not get older
 * than twice what they do without the two. The queue is real, on a real store; the functions are the test's.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { EVENT_CHANNEL, type EventStep, type InvokeAnswer, type InvokeRequest } from "../../src/invoke/contract.ts";
import { createEventQueue } from "../../src/invoke/event-queue/event-queue.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";

const scope = { account: "000000000000", region: "us-east-1" };
const FUNCTIONS = 100;
const ROUNDS = 20;
const CALL_MS = 20;

const answer: InvokeAnswer = {
  payload: Buffer.from("1"),
  status: "success",
  durationMs: CALL_MS,
  billedMs: CALL_MS,
  maxMemoryMB: 30,
  executedVersion: "$LATEST",
};
const failed: InvokeAnswer = { ...answer, functionError: "Unhandled", payload: Buffer.from('{"errorMessage":"no"}') };

/** Sends events to all functions at once, round by round; gives the ages at which those of the good ones were begun. */
async function agesOf(noisy: boolean): Promise<number[]> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-noisy-"));
  const store = await openSqliteStore({ dir });
  const stopped = new AbortController();
  const ages: number[] = [];
  const count = { done: 0 };
  const onStep = (message: unknown): void => {
    const { step, functionName, ageMs } = message as EventStep;
    if (!functionName.startsWith("good")) return;
    if (step === "started") ages.push(ageMs);
    if (step === "done") count.done += 1;
  };
  const events = createEventQueue({
    queue: store.queue,
    directory: {
      resolve: async (_scope, functionName) => ({
        functionName,
        version: "$LATEST",
        invokedArn: "",
        key: "",
        assignment: () => Promise.reject(new Error("nobody asks")),
      }),
      accountConcurrency: () => 1000,
    },
    invoker: {
      async invoke({ functionName }: InvokeRequest) {
        if (functionName === "hangs")
          await sleep(3_600_000, undefined, { signal: stopped.signal }).catch(() => undefined);
        else await sleep(CALL_MS);
        return functionName === "fails" ? failed : answer;
      },
    },
    settings: async () => ({
      functionArn: "",
      maximumRetryAttempts: 2,
      maximumEventAgeSeconds: 3600,
      switchedOff: false,
    }),
    deliver: async () => undefined,
    retryBaseMs: 20,
    report: () => undefined,
  });
  subscribe(EVENT_CHANNEL, onStep);
  try {
    await events.start();
    const names = Array.from({ length: FUNCTIONS - 2 }, (_, number) => `good${number}`);
    const payload = Buffer.from("{}");
    const send = (functionName: string, number: number) =>
      events.accept({ scope, functionName, requestId: `${functionName}-${number}`, payload });
    for (let round = 0; round < ROUNDS; round += 1) {
      // The two get far more than their share.
      const loud = Array.from({ length: noisy ? 50 : 0 }, (_, n) => [send("fails", n), send("hangs", n)]).flat();
      await Promise.all([...names.map((name) => send(name, round)), ...loud]);
    }
    const all = names.length * ROUNDS;
    for (let each = 0; each < 6000 && count.done < all; each += 1) await sleep(10);
    assert.equal(count.done, all);
    return ages;
  } finally {
    unsubscribe(EVENT_CHANNEL, onStep);
    stopped.abort();
    await events.close(0);
    await store.close();
    await rm(dir, { recursive: true, force: true });
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test("a function that fails and one that hangs do not hold up the others", async (context) => {
  // What is compiled in the first run is not counted. A pause of a busy machine may hit one pair, a hold-up hits all.
  await agesOf(false);
  const pairs: string[] = [];
  for (let pair = 0; pair < 3; pair += 1) {
    const quiet = mean(await agesOf(false));
    const beside = mean(await agesOf(true));
    pairs.push(`events began ${quiet.toFixed(1)} ms after they came, and ${beside.toFixed(1)} ms beside the two`);
    if (beside <= 2 * quiet) return context.diagnostic(pairs.join("; "));
  }
  return assert.fail(pairs.join("; "));
});
