/** Streamed answers end to end: real jails, real clients, and functions that go on only when the client has seen the first bytes. */
import assert from "node:assert/strict";
import { access, readdir, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import {
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  type InvokeWithResponseStreamCommandInput,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

/** Waits, where it is asked to, for a file in its /tmp: the test puts it there when it has seen what came before. */
const source = `
import { existsSync, writeFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
const gate = async (name) => {
  writeFileSync("/tmp/waits-" + name, "");
  while (!existsSync("/tmp/go-" + name)) await new Promise((resolve) => setTimeout(resolve, 2));
};
export const handler = awslambda.streamifyResponse(async (event, stream, context) => {
  const { name, mode } = event.queryStringParameters ?? event;
  if (mode === "early") throw new RangeError("not today");
  if (mode === "big") {
    const piece = Buffer.alloc(64 * 1024, "x");
    await pipeline(Readable.from((function* () { for (let n = 0; n < event.pieces; n += 1) yield piece; })()), stream);
    return;
  }
  if (mode === "context") {
    stream.end(JSON.stringify({ clientContext: context.clientContext, trace: process.env._X_AMZN_TRACE_ID, arn: context.invokedFunctionArn }));
    return;
  }
  const to = mode === "http" ? awslambda.HttpResponseStream.from(stream, {
    statusCode: 201, headers: { "content-type": "text/plain", "x-mine": "mine" }, cookies: ["a=1", "b=2"] }) : stream;
  to.write("first ");
  if (name !== undefined) await gate(name);
  if (mode === "late") throw new RangeError("half-way");
  if (mode === "die") process.kill(process.pid, "SIGKILL");
  if (mode === "sleep") await new Promise((resolve) => setTimeout(resolve, 60000));
  console.log("said it");
  to.write("second");
  to.end();
});`;

/** Opens the gate of a function that has been seen to wait there: by its /tmp, which the host can reach into. */
async function openGate(name: string): Promise<void> {
  for (;;) {
    for (const pid of await readdir("/proc")) {
      if (!/^\d+$/.test(pid)) continue;
      const tmp = `/proc/${pid}/root/tmp`;
      try {
        await access(`${tmp}/waits-${name}`);
        await writeFile(`${tmp}/go-${name}`, "");
        return;
      } catch {
        // Another process, or one that has just ended.
      }
    }
    await sleep(5);
  }
}

interface Streamed {
  chunks: string[];
  complete: { ErrorCode?: string | undefined; ErrorDetails?: string | undefined; LogResult?: string | undefined };
}

async function stream(
  client: LambdaClient,
  event: object,
  more: Partial<InvokeWithResponseStreamCommandInput> = {},
): Promise<Streamed> {
  const answer = await client.send(
    new InvokeWithResponseStreamCommand({ FunctionName: "talk", Payload: JSON.stringify(event), ...more }),
  );
  assert.equal(answer.StatusCode, 200);
  assert.equal(answer.ExecutedVersion, "$LATEST");
  const chunks: string[] = [];
  for await (const { PayloadChunk, InvokeComplete } of answer.EventStream ?? []) {
    if (PayloadChunk !== undefined) {
      chunks.push(Buffer.from(PayloadChunk.Payload ?? []).toString());
      if (chunks.length === 1 && "name" in event) await openGate(String(event.name));
    }
    if (InvokeComplete !== undefined) return { chunks, complete: InvokeComplete };
  }
  throw new Error("the stream ended without InvokeComplete");
}

test("answers stream", async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  await deploy(client, "talk", source, { Timeout: 10, MemorySize: 512 });

  await context.test("the first bytes arrive while the function runs", async () => {
    const { chunks, complete } = await stream(client, { name: "one" }, { LogType: "Tail" });
    assert.deepEqual(chunks, ["first ", "second"]);
    assert.equal(complete.ErrorCode, undefined);
    assert.match(Buffer.from(complete.LogResult ?? "", "base64").toString(), /said it[^]*REPORT RequestId/);
  });

  await context.test("a plain call gets the whole answer", async () => {
    const { Payload, FunctionError } = await client.send(new InvokeCommand({ FunctionName: "talk", Payload: "{}" }));
    assert.equal(FunctionError, undefined);
    assert.equal(Buffer.from(Payload ?? []).toString(), "first second");
  });

  await context.test("errors before and after the first byte", async () => {
    const early = await stream(client, { mode: "early" });
    assert.deepEqual(early.chunks, []);
    assert.equal(early.complete.ErrorCode, "Unhandled");
    assert.equal((JSON.parse(early.complete.ErrorDetails ?? "") as { errorMessage: string }).errorMessage, "not today");
    const late = await stream(client, { mode: "late", name: "late" });
    assert.deepEqual(late.chunks, ["first "]);
    assert.equal(late.complete.ErrorCode, "Unhandled");
    assert.equal((JSON.parse(late.complete.ErrorDetails ?? "") as { errorType: string }).errorType, "RangeError");
    const dead = await stream(client, { mode: "die", name: "die" }, { LogType: "Tail" });
    assert.deepEqual(dead.chunks, ["first "]);
    assert.equal(dead.complete.ErrorCode, "Runtime.TruncatedResponse");
    assert.match(
      Buffer.from(dead.complete.LogResult ?? "", "base64").toString(),
      /Runtime exited with error: signal: killed/,
    );
  });
});
