import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { sendAnswer } from "./send.ts";

/** More than the kernel keeps for a connection on loopback. */
const BYTES = 32 * 1024 * 1024;

async function* brokenOff(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(BYTES);
  throw new Error("broken off");
}

/** The answer as its reader has it, and what has become of sending it. */
async function sent(context: TestContext): Promise<{ answer: IncomingMessage; told: Promise<unknown> }> {
  const told = Promise.withResolvers<unknown>();
  const server = createServer((_request, response) => {
    const answer = { status: 200, headers: [], body: brokenOff() };
    sendAnswer(response, answer, false, async () => {}).then(told.resolve, told.resolve);
  });
  context.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const [answer] = (await once(get({ host: "127.0.0.1", port, agent: false }), "response")) as [IncomingMessage];
  return { answer, told: told.promise };
}

test("what has been streamed before a break reaches a reader who is slow", async (context) => {
  const { answer, told } = await sent(context);
  await sleep(200);
  let length = 0;
  await assert.rejects(async () => {
    for await (const piece of answer) length += (piece as Buffer).length;
  });
  assert.equal(length, BYTES);
  assert.match(String(await told), /broken off/);
});

test("a reader who goes ends the wait for what has not been read", async (context) => {
  const { answer, told } = await sent(context);
  answer.on("error", () => {});
  await sleep(100);
  answer.destroy();
  assert.ok((await told) instanceof Error);
});
