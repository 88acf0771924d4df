/** Functions that abuse the Runtime API and the Extensions API from inside harm their own calls alone. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  InvokeWithResponseStreamCommand,
  PutFunctionConcurrencyCommand,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import type { Answer } from "../support/functions.ts";
import { openArena, type Arena } from "./hostile.ts";
import { hostile } from "./levels.ts";

/** The id of a call that is under way, which is no secret: the log has it. */
async function runningCall({ kiln }: Arena, name: string): Promise<string> {
  const { url, region, accessKeyId, secretAccessKey } = kiln.endpoint();
  const logs = new CloudWatchLogsClient({ endpoint: url, region, credentials: { accessKeyId, secretAccessKey } });
  const asked = new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${name}` });
  try {
    for (;;) {
      const { events = [] } = await logs.send(asked).catch(() => ({ events: [] }));
      const id = events.map(({ message = "" }) => /^START RequestId: (\S+)/.exec(message)?.[1]).find(Boolean);
      if (id !== undefined) return id;
      await sleep(20);
    }
  } finally {
    logs.destroy();
  }
}

async function streamOf(client: LambdaClient, length: number): Promise<string> {
  const Payload = Buffer.from(JSON.stringify({ attack: "an answer's headers", length }));
  const answer = await client.send(new InvokeWithResponseStreamCommand({ FunctionName: "attacker", Payload }));
  let text = "";
  for await (const { PayloadChunk } of answer.EventStream ?? []) {
    text += Buffer.from(PayloadChunk?.Payload ?? []).toString();
  }
  return text;
}

/** What the attacker's own call has come to, in a few words. */
function inWords({ payload }: Answer): string {
  const { errorType, seen } = (payload ?? {}) as { errorType?: string; seen?: unknown };
  const statuses = typeof seen === "object" && seen !== null ? Object.values(seen) : [];
  return errorType ?? (statuses.length > 0 ? [...new Set(statuses)].join(", ") : "answered once");
}

hostile("abuse of the Runtime API", async (context, level) => {
  const arena = await openArena(context, level);
  const { client } = arena;
  await arena.deploy("attacker", "runtime-api.mjs", { MemorySize: 512, Timeout: 20 });
  // An emulated machine takes longer than that to load the function once more after a timeout.
  await arena.deploy("slow", "runtime-api.mjs", { Timeout: level === "microvm" ? 30 : 2 });
  // Whatever has become of a call: the next one is let in, and is answered with its own.
  for (const FunctionName of ["attacker", "slow"]) {
    await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 1 }));
    await arena.call(FunctionName, { attack: "plain" });
  }

  async function attack(name: string, more: object = {}, target = "attacker") {
    const found = await arena.beside(name, () => arena.call(target, { attack: name, ...more }), inWords);
    const next = await arena.call(target, { attack: "plain" });
    assert.deepEqual(next.payload, { done: "plain" });
    return found;
  }
  const seen = async (name: string, more?: object): Promise<unknown> => {
    const { payload } = await attack(name, more);
    return (payload as { done: string; seen: unknown }).seen;
  };
  const errorType = async (name: string, target?: string): Promise<string> => {
    const { payload, error } = await attack(name, {}, target);
    assert.equal(error, "Unhandled");
    return (payload as { errorType: string }).errorType;
  };

  await context.test("an answer counts once", async () => {
    assert.equal((await attack("answer twice")).payload, "first");
  });
  await context.test("a call that is over, or another function's, cannot be answered", async () => {
    assert.deepEqual(await seen("answer an old call"), ["400"]);
    await arena.deploy("victim", "runtime-api.mjs", { Timeout: 3 });
    const call = arena.call("victim", { attack: "never answer" });
    const id = await runningCall(arena, "victim");
    assert.deepEqual(await seen("answer another's call", { id }), ["400", "400"]);
    assert.equal(((await call).payload as { errorType: string }).errorType, "Sandbox.Timedout");
  });
  await context.test("an answer has its bound in bytes and in time", async () => {
    assert.equal(await errorType("answer with 100 MB"), "Function.ResponseSizeTooLarge");
    assert.equal(await errorType("one byte a second", "slow"), "Sandbox.Timedout");
    assert.equal(await errorType("never answer", "slow"), "Sandbox.Timedout");
  });
  await context.test("what is no HTTP is refused", async () => {
    const statuses = (await seen("malformed HTTP")) as string[];
    for (const status of statuses) assert.match(status, /^(4\d\d|5\d\d|none)$/, statuses.join());
  });
  await context.test("a fuzzer's requests", async () => {
    for (const seed of [1, 2, 3]) {
      const statuses = (await seen("fuzzer", { seed })) as string[];
      // "200" and "202" are what a request is answered that has stayed right; "none" is one that has not ended.
      for (const status of statuses)
        assert.match(status, /^(20[02]|4\d\d|501|505|none)$/, `${seed}: ${statuses.join()}`);
    }
  });
  await context.test("who has not registered in time hears nothing and says nothing", async () => {
    assert.deepEqual(await seen("unregistered extension"), {
      register: "403",
      next: "403",
      "next with an id": "403",
      "exit/error": "403",
      "init/error": "403",
      telemetry: "403",
      logs: "403",
      assignment: "404",
      "runtime init/error": "403",
    });
  });
  await context.test("connections and requests without end", async () => {
    assert.deepEqual((await attack("all connections")).payload, { done: "all connections" });
    assert.deepEqual(await seen("asks ahead for the next event"), [true]);
  });
  await context.test("a content type that no header can carry is the caller's loss alone", async () => {
    assert.equal(await arena.beside("an odd content type", () => streamOf(client, 1000)), '"odd"');
    // Clients have bounds of their own.
    await arena.beside("a long content type", () => streamOf(client, 100_000).catch(() => undefined));
    assert.deepEqual((await arena.call("attacker", { attack: "plain" })).payload, { done: "plain" });
  });
  await arena.close();
});
