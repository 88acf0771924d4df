/** Streams over real sockets, with runtimes that behave and break off by chance: each call ends once, and nothing is left. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test, type TestContext } from "node:test";
import { INVOKE_CHANNEL, type InvokeEvent, type Invoker, type Target } from "../../src/invoke/contract.ts";
import { createInvoker } from "../../src/invoke/invoker.ts";
import { createChance } from "../../src/worker/testing/chance.ts";
import { createRuntimeClient } from "../../src/worker/testing/fake-runtime.ts";
import { createFakeSandbox, type FakeGuest, type FakeSandbox } from "../../src/worker/testing/fake-sandbox.ts";
import { memoryLog, testAssignment, testRuntimes } from "../../src/worker/testing/fixtures.ts";
import { createWorker } from "../../src/worker/worker.ts";

const scope = { account: "000000000000", region: "us-east-1" };

interface Bench {
  invoker: Invoker;
  sandbox: FakeSandbox;
  events: InvokeEvent[];
}

/** A data plane on a fake sandbox. After the test its counters are at zero and nothing is left of it. */
function bench(t: TestContext, timeoutSeconds: number, program: (guest: FakeGuest) => Promise<void>): Bench {
  const sandbox = createFakeSandbox(program);
  const log = memoryLog();
  const errors: unknown[] = [];
  const report = (error: unknown): void => void errors.push(error);
  const worker = createWorker({ sandbox, runtimes: testRuntimes, logs: log, report });
  const target: Target = {
    functionName: "f",
    version: "$LATEST",
    invokedArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
    key: "f1",
    assignment: async () => testAssignment({ key: "f1", timeoutSeconds }),
  };
  const invoker = createInvoker({
    worker,
    hostMemoryMB: 1_000_000,
    report,
    streamBandwidth: { bytesPerSecond: 0, burstBytes: 0 },
    directory: { resolve: () => target, accountConcurrency: () => 1000 },
  });
  const events: InvokeEvent[] = [];
  const heard = (event: unknown): void => void events.push(event as InvokeEvent);
  subscribe(INVOKE_CHANNEL, heard);
  t.after(async () => {
    unsubscribe(INVOKE_CHANNEL, heard);
    await invoker.close(0);
    await worker.close(0);
    assert.equal(sandbox.alive, 0);
    assert.equal(log.openStreams, 0);
    assert.deepEqual(errors, []);
  });
  return { invoker, sandbox, events };
}

const request = () => ({ scope, functionName: "f", requestId: randomUUID(), payload: Buffer.from("{}"), tail: false });

async function begin(port: number, id: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(
    `POST /2018-06-01/runtime/invocation/${id}/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n` +
      "Lambda-Runtime-Function-Response-Mode: streaming\r\n\r\n",
  );
  return socket;
}

const ways = ["whole", "whole", "whole", "trailers", "hang up", "die", "garbage", "early"];

const chunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);

test("streams that end, fail, break off, die and lose their readers by chance", { timeout: 60_000 }, async (t) => {
  const chance = createChance();
  t.diagnostic(`seed ${chance.seed}`);
  /** What each call's runtime has meant to say, and how it has ended. */
  const said = new Map<string, { bytes: Buffer; how: string }>();
  const { invoker, events } = bench(t, 5, async (guest) => {
    const client = createRuntimeClient(guest.port);
    for (;;) {
      const event = await client.next();
      const id = String(event.headers["lambda-runtime-aws-request-id"]);
      const how = ways[chance.below(ways.length)] ?? "";
      const pieces = Array.from({ length: chance.below(6) }, () => Buffer.alloc(1 + chance.below(40_000), id));
      said.set(id, { bytes: Buffer.concat(pieces), how });
      if (how === "early") {
        await client.fail(id, '{"errorMessage":"early"}');
        continue;
      }
      const socket = await begin(guest.port, id);
      for (const piece of pieces) {
        // Cut anywhere: TCP keeps no borders.
        const bytes = chunk(piece);
        const at = chance.below(bytes.length);
        socket.write(bytes.subarray(0, at));
        if (chance.next() < 0.5) await new Promise((resolve) => setImmediate(resolve));
        if (!socket.write(bytes.subarray(at)) && !socket.destroyed) {
          await Promise.race([once(socket, "drain"), once(socket, "close")]);
        }
      }
      if (how === "die") {
        guest.exit({ status: null, signal: "SIGKILL" });
        socket.destroy();
        return;
      }
      if (how === "hang up") {
        // Asking on before that is heard would bring the same event again.
        socket.resume().end();
        await once(socket, "close");
        continue;
      }
      const trailer = "Lambda-Runtime-Function-Error-Type: E\r\n";
      socket.write(how === "garbage" ? "no chunk\r\n" : `0\r\n${how === "trailers" ? trailer : ""}\r\n`);
      await once(socket, "data").catch(() => undefined);
      socket.destroy();
    }
  });

  const ends: Record<string, number> = {};
  async function caller(): Promise<void> {
    for (let n = 0; n < 40; n += 1) {
      const asked = request();
      const stops = chance.next() < 0.2 ? chance.below(50_000) : Number.POSITIVE_INFINITY;
      const answer = await invoker.invokeStream(asked);
      const seen: Uint8Array[] = [];
      let length = 0;
      for await (const piece of answer.body) {
        seen.push(piece);
        length += piece.length;
        if (length > stops) break;
        if (chance.next() < 0.3) await new Promise((resolve) => setImmediate(resolve));
      }
      const result = await answer.completed;
      const meant = said.get(asked.requestId);
      assert.ok(meant !== undefined);
      const got = Buffer.concat(seen);
      const expected = meant.bytes.subarray(0, got.length);
      assert.ok(got.equals(expected), "what has come is what was said");
      if (meant.how === "whole") {
        assert.equal(result.functionError, undefined);
        assert.equal(result.streamed?.bytes, meant.bytes.length);
        if (stops === Number.POSITIVE_INFINITY) assert.equal(got.length, meant.bytes.length);
      } else assert.equal(result.functionError, "Unhandled", meant.how);
      // One that dies at once may not have begun.
      if (meant.how !== "die" || result.streamed !== undefined) {
        assert.equal(
          result.streamed?.cut,
          ["hang up", "die", "garbage"].includes(meant.how) ? "Runtime.TruncatedResponse" : undefined,
          meant.how,
        );
      }
      ends[meant.how] = (ends[meant.how] ?? 0) + 1;
    }
  }
  await Promise.all(Array.from({ length: 8 }, caller));
  t.diagnostic(JSON.stringify(ends));
  assert.equal(new Set(events.map(({ requestId }) => requestId)).size, 320);
  assert.equal(events.length, 320);
  // The last to end counts itself alone: every slot before it has been given back.
  await invoker.invokeStream(request()).then(({ completed }) => completed);
  assert.equal(events.at(-1)?.concurrency, 1);
});

test("100 MB to a slow reader need little memory, and arrive whole", { timeout: 60_000 }, async (t) => {
  const total = 100 * 1024 * 1024;
  const piece = Buffer.alloc(64 * 1024, "x");
  let from: Socket | undefined;
  const { invoker } = bench(t, 60, async (guest) => {
    const event = await createRuntimeClient(guest.port).next();
    const socket = await begin(guest.port, String(event.headers["lambda-runtime-aws-request-id"]));
    const bytes = chunk(piece);
    from = socket;
    for (let left = total; left > 0; left -= piece.length) {
      if (!socket.write(bytes)) await once(socket, "drain");
    }
    socket.write("0\r\n\r\n");
    await once(socket, "data");
  });
  let most = 0;
  let length = 0;
  const { body, completed } = await invoker.invokeStream(request());
  for await (const bytes of body) {
    length += bytes.length;
    // Slower than the function at first: whatever can pile up does.
    if (length < 20 * 1024 * 1024) await new Promise((resolve) => setTimeout(resolve, 1));
    most = Math.max(most, (from?.bytesWritten ?? 0) - (from?.writableLength ?? 0) - length);
  }
  assert.equal(length, total);
  assert.equal((await completed).streamed?.bytes, total);
  // Between the function and the reader: the kernel's buffers of one connection, and the pipe.
  t.diagnostic(`at most ${(most / 1024 / 1024).toFixed(1)} MB on the way`);
  assert.ok(most < 16 * 1024 * 1024, `${most} bytes on the way`);
});

test(
  "a function whose reader does not read at all runs into its timeout, and is cut",
  { timeout: 60_000 },
  async (t) => {
    const { invoker } = bench(t, 1, async (guest) => {
      const event = await createRuntimeClient(guest.port).next();
      const socket = await begin(guest.port, String(event.headers["lambda-runtime-aws-request-id"]));
      const bytes = chunk(Buffer.alloc(64 * 1024, "x"));
      while (!guest.dead) if (!socket.write(bytes)) await Promise.race([once(socket, "drain"), once(socket, "close")]);
    });
    const { body, completed } = await invoker.invokeStream(request());
    const result = await completed;
    assert.deepEqual([result.status, result.streamed?.cut], ["timeout", "Sandbox.Timedout"]);
    let length = 0;
    for await (const bytes of body) length += bytes.length;
    assert.equal(length, result.streamed?.bytes);
    assert.ok(length < 1024 * 1024, String(length));
  },
);
