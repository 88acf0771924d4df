/**
 * kill -9 of the whole program while events come in and are run: every event that was accepted is handled. What was
 * handled is read from another queue, which the destination of successes fills before the event is forgotten.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import {
  InvokeCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { decodeEvent } from "../../src/invoke/event-queue/event.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { deploy } from "../support/functions.ts";
import { startTestKiln, type TestKiln } from "../support/kiln.ts";
import { sealerOf } from "../support/sealer.ts";

/** Of the suite; a longer run is asked for in the environment. */
const EVENTS = Number(process.env["KILN_TEST_EVENTS"] ?? 2000);
const KILLS = Number(process.env["KILN_TEST_KILLS"] ?? 4);
const CONNECTIONS = 16;
const HOUR_MS = 60 * 60 * 1000;
const queueOf = (name: string): string => `event/000000000000/us-east-1/${name}`;

/** Sends events one after the other until `stopped`; an error may be the kill's. */
async function sendUntil(client: LambdaClient, next: () => number, accepted: Set<number>, stopped: () => boolean) {
  while (!stopped() && accepted.size < EVENTS) {
    const id = next();
    try {
      const { StatusCode } = await client.send(
        new InvokeCommand({ FunctionName: "work", InvocationType: "Event", Payload: Buffer.from(`{"id":${id}}`) }),
      );
      assert.equal(StatusCode, 202);
      accepted.add(id);
    } catch (error) {
      if (!stopped()) throw error;
    }
  }
}

/** Ids in the records that wait for `sink`, read from the store of a Kiln that has stopped. */
async function handledIds(kiln: TestKiln): Promise<Map<number, number>> {
  const store = await openSqliteStore({
    dir: join(kiln.state, "store"),
    clock: () => Date.now() + 2 * HOUR_MS,
    sealer: await sealerOf(kiln.state),
  });
  const handled = new Map<number, number>();
  try {
    assert.deepEqual(await store.queue.names(queueOf("work")), []);
    for (;;) {
      const messages = await store.queue.receive(queueOf("sink"), { max: 1000, visibility: HOUR_MS });
      if (messages.length === 0) return handled;
      for (const { body } of messages) {
        const { payload } = decodeEvent(body);
        const { requestPayload } = JSON.parse(Buffer.from(payload).toString()) as { requestPayload: { id: number } };
        handled.set(requestPayload.id, (handled.get(requestPayload.id) ?? 0) + 1);
      }
    }
  } finally {
    await store.close();
  }
}

test("every accepted event is handled, however often Kiln is killed", { timeout: 600_000 }, async (context) => {
  const kiln = await startTestKiln(context, { KILN_EVENT_RETRY_MS: "500", KILN_DRAIN_MS: "500" });
  await deploy(kiln.client(), "work", "export const handler = async ({ id }) => id;");
  // The sink takes one record at a time and never comes to its end: so the records stay where they can be counted.
  const forever = "export const handler = () => new Promise((done) => setTimeout(done, 900_000));";
  await deploy(kiln.client(), "sink", forever, { Timeout: 900 });
  await kiln
    .client()
    .send(new PutFunctionConcurrencyCommand({ FunctionName: "sink", ReservedConcurrentExecutions: 1 }));
  await kiln.client().send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: "work",
      DestinationConfig: { OnSuccess: { Destination: "arn:aws:lambda:us-east-1:000000000000:function:sink" } },
    }),
  );
  const accepted = new Set<number>();
  let last = 0;
  const next = (): number => (last += 1);
  for (let round = 0; round <= KILLS; round += 1) {
    const client = kiln.client();
    let killed = false;
    const senders = Array.from({ length: CONNECTIONS }, () => sendUntil(client, next, accepted, () => killed));
    if (round === KILLS) {
      await Promise.all(senders);
      break;
    }
    await sleep(200 + Math.random() * 1500);
    killed = true;
    await kiln.kill();
    await Promise.all(senders);
    await kiln.start();
  }
  assert.equal(accepted.size >= EVENTS, true);

  // What the last kill left in flight shows up again by itself.
  const quiet = await untilQuiet(kiln);
  assert.ok(quiet, "the queue of events was not emptied");
  // Also counted so, over all kills.
  const queued = `kiln_async_events_queued{account="000000000000",region="us-east-1",function="work"} 0\n`;
  let metrics = "";
  for (let each = 0; each < 600 && !metrics.includes(queued); each += 1) {
    if (each > 0) await sleep(50);
    metrics = await (await fetch(`${kiln.endpoint().url}/_kiln/metrics`)).text();
  }
  assert.ok(metrics.includes(queued), metrics);
  await kiln.stop();
  const handled = await handledIds(kiln);
  const lost = [...accepted].filter((id) => !handled.has(id));
  assert.deepEqual(lost, [], `${lost.length} of ${accepted.size} accepted events were never handled`);
  const twice = [...handled.values()].filter((count) => count > 1).length;
  context.diagnostic(`${accepted.size} events accepted, ${handled.size} handled, ${twice} more than once`);
});

/** Whether the queue of `work` is empty; read from outside, as another process may. */
async function untilQuiet(kiln: TestKiln): Promise<boolean> {
  const store = await openSqliteStore({ dir: join(kiln.state, "store") });
  try {
    for (let each = 0; each < 3000; each += 1) {
      if ((await store.queue.nextAt(queueOf("work"))) === undefined) return true;
      await sleep(100);
    }
    return false;
  } finally {
    await store.close();
  }
}
