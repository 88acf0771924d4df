/** kill -9 of the whole program while anything is changed: what is stored satisfies the invariants, also after a start. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { setTimeout as sleep } from "node:timers/promises";
import { sample } from "fast-check";
import { anyCall, beginning, deleteEverything, perform, type Caller } from "../support/control-plane/calls.ts";
import { broken, leftBehind } from "../support/control-plane/invariants.ts";
import { everyDocument, stateOf } from "../support/control-plane/state.ts";
import type { FunctionDocument } from "../../src/functions/contract.ts";
import { startTestKiln, type TestKiln } from "../support/kiln.ts";
import { sealerOf } from "../support/sealer.ts";
import { zipOf } from "../support/zip.ts";

const ROUNDS = 8;
const WRITERS = 4;

async function holds({ state }: TestKiln, when: string): Promise<void> {
  const store = join(state, "store");
  // Documents first: what they name was stored before them, and is removed after them.
  const documents = everyDocument(store, await sealerOf(state));
  assert.deepEqual(broken(documents, new Set(readdirSync(join(store, "blobs")))), [], when);
}

/** Resolves when every function has ended its preparation. */
async function settled({ state }: TestKiln): Promise<void> {
  const sealer = await sealerOf(state);
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    const functions = stateOf(everyDocument(join(state, "store"), sealer)).of<FunctionDocument>("function");
    if ([...functions.values()].every(({ latest }) => latest.phase === "ready")) return;
    await sleep(20);
  }
  throw new Error("a function was never prepared");
}

/** That mappings can be made of. */
async function createQueues(kiln: TestKiln, names: readonly string[]): Promise<void> {
  const { url: endpoint, region, accessKeyId, secretAccessKey } = kiln.endpoint();
  const sqs = new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  for (const QueueName of names) {
    await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: "900" } }));
  }
  sqs.destroy();
}

test("a killed Kiln leaves what the invariants allow", { timeout: 180_000 }, async (context) => {
  const kiln = await startTestKiln(context);
  await createQueues(kiln, ["one", "two"]);
  const zips = await Promise.all(
    [1, 2, 3, 4].map((number) => zipOf({ "index.mjs": `export const handler = async () => ${number};` })),
  );
  const caller = (): Caller => ({ client: kiln.client(), account: "000000000000", zips });
  for (const call of beginning) assert.equal(await perform(caller(), call), "ok", call.kind);
  let done = 0;

  for (let round = 0; round < ROUNDS; round += 1) {
    const kill = { done: false };
    const writers = Array.from({ length: WRITERS }, async () => {
      const one = caller();
      for (const call of sample(anyCall, 2000)) {
        if (kill.done) return;
        try {
          if ((await perform(one, call)) === "ok") done += 1;
        } catch (error) {
          // Only the kill may end a writer.
          if (!kill.done) throw error;
        }
      }
    });
    await sleep(200 + Math.random() * 1000);
    kill.done = true;
    await kiln.kill();
    await Promise.all(writers);
    await holds(kiln, `after the kill of round ${round}`);
    await kiln.start();
    await settled(kiln);
    await holds(kiln, `after the start of round ${round}`);
  }
  assert.ok(done >= ROUNDS * WRITERS, `only ${done} calls were done`);

  await deleteEverything(caller());
  assert.deepEqual(leftBehind(everyDocument(join(kiln.state, "store"), await sealerOf(kiln.state))), []);
});
