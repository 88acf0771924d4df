/** Streamed answers end to end: real jails, real clients, and functions that go on only when the client has seen the first bytes. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { access, readdir, writeFile } from "node:fs/promises";
import { createServer, get as httpGet, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import {
  CreateFunctionUrlConfigCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  type InvokeWithResponseStreamCommandInput,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { sdkClients } from "../../tools/sdk-clients.ts";
import { domOf } from "../support/browser.ts";
import { deploy } from "../support/functions.ts";
import { kilnProgram, root, run, startTestKiln } from "../support/kiln.ts";
import { sendTo } from "../urls/support.ts";

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
  const { name, mode, pieces } = event.queryStringParameters ?? event;
  if (mode === "silent") await new Promise((resolve) => setTimeout(resolve, 60000));
  if (mode === "early") throw new RangeError("not today");
  if (mode === "big") {
    const piece = Buffer.alloc(64 * 1024, "x");
    await pipeline(Readable.from((function* () { for (let n = 0; n < pieces; n += 1) yield piece; })()), stream);
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
  writeFileSync("/tmp/ended-" + name, "");
});`;

/** The /tmp of the environment that has this file there, once there is one: the host can reach into it. */
async function tmpWith(file: string): Promise<string> {
  for (let attempt = 0; attempt < 2000; attempt += 1) {
    for (const pid of await readdir("/proc")) {
      if (!/^\d+$/.test(pid)) continue;
      const tmp = `/proc/${pid}/root/tmp`;
      // A process that is not a function's, or has just ended, has no such file.
      if (
        await access(`${tmp}/${file}`).then(
          () => true,
          () => false,
        )
      )
        return tmp;
    }
    await sleep(5);
  }
  throw new Error(`no function has made ${file}`);
}

/** Lets a function go on that waits at its gate. */
async function openGate(name: string): Promise<void> {
  await writeFile(`${await tmpWith(`waits-${name}`)}/go-${name}`, "");
}

/** MB that a process has in memory. */
function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
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

  await context.test("a timeout in mid-stream, and before it", async () => {
    await deploy(client, "slow", source, { Timeout: 1 });
    const late = await stream(client, { mode: "sleep" }, { FunctionName: "slow" });
    assert.deepEqual(late.chunks, ["first "]);
    assert.equal(late.complete.ErrorCode, "Sandbox.Timedout");
    assert.match(late.complete.ErrorDetails ?? "", /Task timed out after 1\.00 seconds/);
    const early = await stream(client, { mode: "silent" }, { FunctionName: "slow" });
    assert.deepEqual(early.chunks, []);
    assert.equal(early.complete.ErrorCode, "Unhandled");
    assert.match(early.complete.ErrorDetails ?? "", /Task timed out after 1\.00 seconds/);
  });

  await context.test("client context, trace and alias reach the function", async () => {
    const answer = await client.send(
      new InvokeWithResponseStreamCommand({
        FunctionName: "talk",
        Payload: '{"mode":"context"}',
        ClientContext: Buffer.from('{"custom":{"a":"b"}}').toString("base64"),
      }),
    );
    const said: Buffer[] = [];
    for await (const { PayloadChunk } of answer.EventStream ?? []) said.push(Buffer.from(PayloadChunk?.Payload ?? []));
    const { clientContext, trace, arn } = JSON.parse(Buffer.concat(said).toString()) as Record<string, unknown>;
    assert.deepEqual(clientContext, { custom: { a: "b" } });
    assert.match(String(trace), /^Root=1-/);
    assert.match(String(arn), /:function:talk$/);
  });

  await context.test("a handler that does not stream is one chunk", async () => {
    await deploy(client, "whole", "export const handler = async (event) => ({ statusCode: 202, body: 'x' });");
    const { chunks, complete } = await stream(client, {}, { FunctionName: "whole" });
    assert.deepEqual(chunks, ['{"statusCode":202,"body":"x"}']);
    assert.deepEqual(Object.keys(complete), []);
  });

  await context.test("a function goes on when its caller has gone, to its end", async () => {
    const gone = new AbortController();
    const answer = await client.send(
      new InvokeWithResponseStreamCommand({ FunctionName: "talk", Payload: '{"name":"gone"}', LogType: "Tail" }),
      { abortSignal: gone.signal },
    );
    const events = answer.EventStream?.[Symbol.asyncIterator]();
    await events?.next();
    await events?.return?.();
    gone.abort();
    await openGate("gone");
    await tmpWith("ended-gone");
  });

  await context.test("kiln invoke --stream prints what has come", async () => {
    const cli = spawn(kilnProgram, ["invoke", "talk", "--stream", "-p", '{"name":"cli"}'], {
      env: { ...process.env, KILN_STATE: kiln.state },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    for await (const piece of cli.stdout) {
      if (printed === "") await openGate("cli");
      printed += String(piece);
    }
    assert.equal(printed, "first second\n");
    const failed = await run(kilnProgram, ["invoke", "talk", "-s", "-p", '{"mode":"late"}', "--state", kiln.state]);
    assert.deepEqual([failed.status, failed.stdout], [1, "first \n"]);
    assert.match(failed.stderr, /kiln: talk failed: Unhandled: RangeError: half-way/);
  });

  await context.test("boto3 reads the events as they come", async (inner) => {
    const python = sdkClients.find(({ name }) => name === "boto3");
    const reason = await python?.absent();
    if (python === undefined || reason !== undefined) return inner.skip(`python: ${reason}`);
    const [program = ""] = await python.prepare();
    const { url, region, accessKeyId, secretAccessKey } = kiln.endpoint();
    const script = spawn(program, [join(root, "test/sdks/python/stream.py"), "talk", '{"name":"boto3"}'], {
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: url,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_EC2_METADATA_DISABLED: "true",
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines: unknown[] = [];
    for await (const line of createInterface(script.stdout)) {
      lines.push(JSON.parse(line));
      if (lines.length === 1) await openGate("boto3");
    }
    assert.deepEqual(lines, [{ chunk: "first " }, { chunk: "second" }, { complete: ["LogResult"], status: 200 }]);
    return undefined;
  });
});

test("function URLs stream", async (context) => {
  const kiln = await startTestKiln(context, { KILN_STREAM_MB_PER_SECOND: "0" });
  const client = kiln.client();
  await deploy(client, "talk", source, { Timeout: 10, MemorySize: 512 });
  const { FunctionUrl } = await client.send(
    new CreateFunctionUrlConfigCommand({
      FunctionName: "talk",
      AuthType: "NONE",
      InvokeMode: "RESPONSE_STREAM",
      Cors: { AllowOrigins: ["*"], AllowMethods: ["*"] },
    }),
  );
  const { host, port } = new URL(FunctionUrl ?? "");
  const get = (query: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      httpGet({ host: "127.0.0.1", port, path: `/?${query}`, headers: { host }, agent: false }, resolve).on(
        "error",
        reject,
      );
    });

  await context.test("bytes arrive while the function runs", async () => {
    const answer = await get("name=plain");
    assert.deepEqual([answer.statusCode, answer.headers["content-type"]], [200, "application/octet-stream"]);
    const seen: string[] = [];
    for await (const piece of answer) {
      seen.push(String(piece));
      if (seen.length === 1) await openGate("plain");
    }
    assert.deepEqual(seen, ["first ", "second"]);
  });

  await context.test("status, headers and cookies come before the body", async () => {
    const answer = await get("name=head&mode=http");
    assert.deepEqual(
      [answer.statusCode, answer.headers["content-type"], answer.headers["x-mine"], answer.headers["set-cookie"]],
      [201, "text/plain", "mine", ["a=1", "b=2"]],
    );
    assert.ok(answer.headers["x-amzn-requestid"]);
    await openGate("head");
    assert.equal(await text(answer), "first second");
  });

  await context.test("a failure before the first byte is 502, after it the connection breaks off", async () => {
    const early = await get("mode=early");
    assert.deepEqual([early.statusCode, await text(early)], [502, "Internal Server Error"]);
    for (const mode of ["late", "die"]) {
      const late = await get(`mode=${mode}`);
      assert.equal(late.statusCode, 200);
      await assert.rejects(text(late), { code: "ECONNRESET" }, mode);
    }
  });

  await context.test("a handler that does not stream is sent as it answers", async () => {
    await deploy(client, "whole", "export const handler = async (event) => ({ statusCode: 202, body: 'x' });");
    const whole = await client.send(
      new CreateFunctionUrlConfigCommand({ FunctionName: "whole", AuthType: "NONE", InvokeMode: "RESPONSE_STREAM" }),
    );
    const answer = await sendTo(Number(port), { host: new URL(whole.FunctionUrl ?? "").host });
    assert.deepEqual(
      [answer.status, answer.headers["content-type"], answer.body.toString()],
      [200, "application/json", '{"statusCode":202,"body":"x"}'],
    );
  });

  await context.test("a buffered URL waits for the whole answer of a streaming handler", async () => {
    const source = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.write('{"statusCode":202,'); stream.end('"body":"whole"}'); });`;
    await deploy(client, "buffered", source);
    const buffered = await client.send(
      new CreateFunctionUrlConfigCommand({ FunctionName: "buffered", AuthType: "NONE" }),
    );
    const answer = await sendTo(Number(port), { host: new URL(buffered.FunctionUrl ?? "").host });
    assert.deepEqual([answer.status, answer.body.toString()], [202, "whole"]);
  });

  await context.test("200 MB pass and no more, and Kiln holds little of them for a slow reader", async (inner) => {
    const answer = await get("mode=big&pieces=3300");
    let length = 0;
    let steps = 0;
    const before = memoryOf(kiln.endpoint().pid);
    let most = before;
    await assert.rejects(async () => {
      for await (const piece of answer) {
        length += (piece as Buffer).length;
        if (length < steps * 1024 * 1024) continue;
        steps += 1;
        await sleep(steps < 50 ? 4 : 0);
        most = Math.max(most, memoryOf(kiln.endpoint().pid));
      }
    });
    assert.equal(length, 200 * 1024 * 1024);
    inner.diagnostic(`${most - before} MB more than before`);
    assert.ok(most - before < 150, `${most - before} MB`);
  });

  await context.test("a page in a browser reads on while the function runs", async (inner) => {
    // The page tells of what it reads here: functions cannot be reached but through their URLs. Its picture comes when it
    // has read everything, because a browser's picture of a page does not wait for streams.
    const told: string[] = [];
    let picture: ServerResponse | undefined;
    const ear = createServer((request, response) => {
      const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
      if (pathname === "/page") {
        response.setHeader("content-type", "text/html");
        response.end(`<img src="/picture"><script>(async () => {
          const answer = await fetch(${JSON.stringify(`${FunctionUrl}?name=browser&mode=http`)});
          const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
          const tell = ({ value, done }) => fetch("/told?" + (done ? answer.status : encodeURIComponent(value)));
          for (let read; read?.done !== true; await tell(read)) read = await reader.read();
        })();</script>`);
      } else if (pathname === "/picture") {
        picture = response;
        // A page that fails must not keep the browser for ever.
        setTimeout(() => response.end(), 20_000).unref();
      } else if (pathname === "/told") {
        told.push(search);
        if (told.length === 1) {
          openGate("browser").then(
            () => response.end(),
            () => response.destroy(),
          );
        } else response.end();
        if (told.length === 3) picture?.end();
      } else response.end();
    });
    ear.listen(0, "127.0.0.1");
    inner.after(() => ear.close());
    await once(ear, "listening");
    await domOf(inner, `http://127.0.0.1:${(ear.address() as AddressInfo).port}/page`);
    assert.deepEqual(told, ["?first%20", "?second", "?201"]);
  });
});
