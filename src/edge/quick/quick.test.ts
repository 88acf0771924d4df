import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { array, assert as checkProperty, asyncProperty, constantFrom, oneof, string, tuple } from "fast-check";
import type { WholeRequest } from "../../base/http/whole.ts";
import { createEdge, type EdgeOptions } from "../index.ts";
import { quickHead } from "./head.ts";

const target = /^\/quick/;

async function open(t: TestContext, quick: EdgeOptions["quick"], limits: EdgeOptions["limits"] = {}) {
  const ordinary: string[] = [];
  const edge = createEdge({
    host: "127.0.0.1",
    port: 0,
    limits,
    health: () => ({}),
    onFault: (error) => assert.ifError(error),
    ...(quick && { quick }),
    handle(request, response) {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        ordinary.push(`${request.url} ${body}`);
        response.end(`ordinary ${body}`);
      });
    },
  });
  const { port } = await edge.start();
  t.after(() => edge.stop(0));
  return { edge, port, ordinary };
}

const echo: NonNullable<EdgeOptions["quick"]> = {
  target,
  handle: async ({ body }) => ({ status: 200, headers: { "x-way": "quick" }, body: `quick ${body.toString()}` }),
};

async function dial(t: TestContext, port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  t.after(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

function post(url: string, body: string, more = ""): string {
  return `POST ${url} HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;
}

/** What has come once all of it matches. */
function answers(socket: Socket, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const look = (chunk: Buffer): void => {
      text += chunk.toString();
      if (!pattern.test(text)) return;
      socket.off("data", look);
      resolve(text);
    };
    socket.on("data", look);
    socket.once("close", () => reject(new Error(`closed after: ${text}`)));
  });
}

test("requests that come whole are answered one after the other, also when several come at once", async (t) => {
  const { port, ordinary } = await open(t, echo);
  const socket = await dial(t, port);
  socket.write(post("/quick", "one") + post("/quick", "two") + post("/quick", "three"));
  const text = await answers(socket, /one.*two.*three/s);
  assert.equal(text.match(/HTTP\/1\.1 200 OK\r\nx-way: quick\r\n/g)?.length, 3);
  assert.match(
    text,
    /content-length: 9\r\nDate: [^\r]+ GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=65\r\n\r\n/,
  );
  assert.deepEqual(ordinary, []);
});

test("what comes in pieces, in another form or for another target is left to node:http, with all of its bytes", async (t) => {
  const { port, ordinary } = await open(t, echo);
  const whole = post("/quick", "body");
  for (const [index, text] of [
    post("/other", "body"),
    post("/quick", "body", "Connection: close\r\n"),
    post("/quick", "body", "X-A: 1\r\nX-A: 2\r\n"),
    post("/quick", "body", "X-A:  two spaces\r\n"),
    "POST /quick HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
  ].entries()) {
    const socket = await dial(t, port);
    // The connection has been used before, and what follows is in the same piece.
    socket.write(post("/quick", "first") + text);
    assert.match(await answers(socket, /first.*(ordinary body|4\r\nordinary|close.*body)/s), /quick first/);
    assert.equal(ordinary.length, index + 1);
  }
  for (const cut of [1, 20, whole.indexOf("\r\n\r\n") + 2, whole.length - 1]) {
    const socket = await dial(t, port);
    socket.setNoDelay(true);
    socket.write(whole.slice(0, cut), () => setImmediate(() => socket.write(whole.slice(cut))));
    assert.match(await answers(socket, /(quick|ordinary) body/), /body/);
  }
});

test("a client that goes away is seen by whoever makes its answer", async (t) => {
  const { promise: gone, resolve } = Promise.withResolvers<boolean>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { port } = await open(t, {
    target,
    handle: ({ waiting }) =>
      new Promise(() => {
        begin();
        waiting.once("close", () => resolve(waiting.destroyed && !waiting.writableFinished));
      }),
  });
  const socket = await dial(t, port);
  socket.write(post("/quick", ""));
  await begun;
  socket.destroy();
  assert.equal(await gone, true);
});

test("a connection that stays quiet ends, before its first request with 408", async (t) => {
  const { port } = await open(t, echo, { keepAliveMs: 50, headersMs: 50 });
  const silent = await dial(t, port);
  assert.match(await answers(silent, /408/), /RequestTimeoutException/);
  const used = await dial(t, port);
  used.write(post("/quick", "once"));
  await answers(used, /quick once/);
  used.resume();
  await once(used, "close");
});

test("stopping lets the running call finish, and says that the connection ends", async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { port, edge } = await open(t, {
    target,
    async handle() {
      begin();
      await promise;
      return { status: 204, headers: {}, body: "" };
    },
  });
  const idle = await dial(t, port);
  const busy = await dial(t, port);
  busy.write(post("/quick", ""));
  await begun;
  const stopped = edge.stop(60_000);
  idle.resume();
  await once(idle, "close");
  const answer = answers(busy, /\r\n\r\n/);
  resolve();
  assert.match(await answer, /^HTTP\/1\.1 204 No Content\r\nDate: [^\r]+\r\nConnection: close\r\n\r\n$/);
  await stopped;
});

test("a flood behind a running call is not read", async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const seen: WholeRequest[] = [];
  const { port } = await open(t, {
    target,
    async handle(request) {
      seen.push(request);
      await promise;
      return { status: 200, headers: {}, body: "done" };
    },
  });
  const socket = await dial(t, port);
  const one = post("/quick", "x".repeat(1000));
  const many = 64 * 1024;
  // More than the buffers of both ends take.
  socket.write(one.repeat(many));
  while (seen.length === 0) await new Promise((next) => setImmediate(next));
  for (let turn = 0; turn < 100; turn += 1) await new Promise((next) => setImmediate(next));
  assert.equal(seen.length, 1);
  assert.ok(socket.writableLength > 0, "all of the flood was read");
  resolve();
  await answers(socket, /done.*done/s);
});

test("what is taken the short way is read as node:http reads it", async (t) => {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const piece = oneof(
    constantFrom("Host: h", "host: x:1", "Connection: keep-alive", "connection: close", "Content-Length: 0"),
    constantFrom("Content-Length: 00", "X-Amz-Date: 1", "x-b:v", "X-C: ", "Cookie: a=b", "Set-Cookie: a", " folded"),
    constantFrom(
      "Expect: 100-continue",
      "Transfer-Encoding: chunked",
      "X : y",
      "__proto__: z",
      "X-D: \u00e9",
      "a\nb: c",
    ),
    string({ maxLength: 12 }),
  );
  const heads = tuple(
    constantFrom(
      "POST /a HTTP/1.1",
      "POST /a?b=c%20 HTTP/1.1",
      "POST /a HTTP/1.0",
      "GET /a HTTP/1.1",
      "POST http://x/ HTTP/1.1",
      "POST /\u00e9 HTTP/1.1",
    ),
    array(piece, { maxLength: 6 }),
  );
  let taken = 0;
  await checkProperty(
    asyncProperty(heads, async ([first, lines]) => {
      const text = [first, "Host: h", ...lines].join("\r\n");
      const head = quickHead(text);
      if (head === undefined || text.includes("\r\n\r\n")) return;
      taken += 1;
      assert.equal(head.length, 0);
      const socket = connect({ host: "127.0.0.1", port });
      socket.end(`${text}\r\n\r\n`, "latin1");
      const [answer] = (await once(socket, "data")) as [Buffer];
      socket.destroy();
      assert.match(answer.toString(), /^HTTP\/1\.1 200 /);
      const request = seen.pop();
      assert.ok(request);
      assert.deepEqual([head.method, head.url], [request.method, request.url]);
      assert.deepEqual(head.rawHeaders, request.rawHeaders);
      assert.deepEqual({ ...head.headers }, { ...request.headers });
    }),
    { numRuns: 2000 },
  );
  assert.ok(taken > 50, `only ${taken} heads were taken`);
});
