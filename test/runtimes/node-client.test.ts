/** The Node.js runtime's HTTP, which reads large events to where they belong: every byte of them, however they come. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

interface Client {
  get(path: string): Promise<{ status: number; body: string }>;
  postThenGet(path: string, fields: string, body: string, next: string): Promise<{ status: number; body: string }>;
  close(): void;
}

const { Client } = createRequire(import.meta.url)("../../runtimes/nodejs/client.cjs") as {
  Client: { open(address: string): Promise<Client> };
};

/** A server that reads nothing by itself: the test says what is sent, and looks at what has come. */
async function open(t: TestContext): Promise<{ client: Client; socket: Socket; received: () => Promise<Buffer> }> {
  const server = createServer({ noDelay: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const connection = once(server, "connection");
  const client = await Client.open(`127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  const [socket] = (await connection) as [Socket];
  t.after(() => {
    client.close();
    socket.destroy();
    server.close();
  });
  let held = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    socket.emit("more");
  });
  return {
    client,
    socket,
    /** The body of the post that comes next, with a request for the next event behind it. */
    async received() {
      for (;;) {
        const end = held.indexOf("\r\n\r\n");
        // The first request for an event has no post before it.
        if (end >= 0 && held.toString("latin1", 0, 4) === "GET ") {
          held = held.subarray(end + 4);
          continue;
        }
        const length = /content-length: (\d+)/.exec(held.toString("latin1", 0, Math.max(0, end)))?.[1];
        const bodyEnd = end + 4 + Number(length ?? 0);
        const next = end < 0 ? -1 : held.indexOf("\r\n\r\n", bodyEnd);
        if (next >= 0) {
          assert.match(held.toString("latin1", bodyEnd, next), /^GET \/next HTTP\/1\.1\r\n/);
          const body = held.subarray(end + 4, bodyEnd);
          held = held.subarray(next + 4);
          return body;
        }
        await once(socket, "more");
      }
    },
  };
}

/** In pieces of so many bytes, each of which is on its way before the next one is written. */
async function sendIn(socket: Socket, bytes: Buffer, piece: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += piece) {
    if (!socket.write(bytes.subarray(at, at + piece))) await once(socket, "drain");
    await turn();
  }
}

function answer(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`), body]);
}

const accepted = Buffer.from("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}");
const limit = 64 * 1024;

test("events and answers of all sizes, in pieces of all sizes, one behind the other", async (t) => {
  const { client, socket, received } = await open(t);
  let arrives = client.get("/next");
  const sizes = [0, 2, limit - 100, limit - 1, limit, limit + 1, 2 * limit, 3 * limit + 7, 2_000_003];
  let before = Buffer.alloc(0);
  for (const size of sizes) {
    for (const piece of [997, limit - 3, limit + 11, 4_000_000]) {
      // A pattern in which no place looks like another nearby, of characters of one to four bytes.
      const event = Array.from({ length: Math.ceil(size / 12) }, (_, index) => `${index}ä€\u{1f525}`).join("");
      await sendIn(socket, Buffer.concat([before, answer(Buffer.from(event))]), piece);
      const { status, body } = await arrives;
      assert.equal(status, 200);
      assert.ok(body === event, `an event of ${Buffer.byteLength(event)} bytes in pieces of ${piece}`);
      arrives = client.postThenGet("/response", "", body, "/next");
      assert.ok((await received()).equals(Buffer.from(event)), `an answer of ${Buffer.byteLength(event)} bytes`);
      before = accepted;
    }
  }
  arrives.catch(() => undefined);
});
