/** What no client would send to a function URL, by hand. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { createEdge } from "../../src/edge/index.ts";
import { urlHost } from "../../src/functions/index.ts";
import { createOpenUrlAuthorizer } from "../../src/security/sigv4/index.ts";
import { createUrlServer } from "../../src/services/urls/index.ts";
import { isWhole, raw } from "../wire/raw.ts";
import { startUrl } from "./support.ts";

const mebibyte = 1024 * 1024;

describe("raw requests", () => {
  it("are bounded: a body, an event and headers that are too large are refused, and the answer arrives", async (t) => {
    const { host, port, calls } = await startUrl(t);
    const head = (more: string) => `POST /x HTTP/1.1\r\nhost: ${host}\r\n${more}\r\n`;
    const declared = await raw(port, [head(`content-length: ${6 * mebibyte + 1}\r\n`), "begin"], isWhole);
    assert.equal(declared.status, 413);
    assert.equal(declared.headers["x-amzn-errortype"], "RequestEntityTooLargeException");
    const chunk = Buffer.alloc(mebibyte, "x");
    const chunked = await raw(
      port,
      [
        head("transfer-encoding: chunked\r\n"),
        ...Array.from({ length: 8 }, () => [`100000\r\n`, chunk, "\r\n"]).flat(),
      ],
      isWhole,
    );
    assert.equal(chunked.status, 413);
    // Base64 makes an event of more than 6 MB from it.
    const body = Buffer.alloc(5 * mebibyte);
    const inflated = await raw(port, [head(`content-length: ${body.length}\r\n`), body], isWhole);
    assert.equal(inflated.status, 413);
    const wide = await raw(port, [head(`x: ${"y".repeat(40_000)}\r\n`)], isWhole);
    assert.equal(wide.status, 431);
    assert.equal(calls.length, 0);
  });

  it("may wait for leave to send a body, come in pieces, and follow one another on a connection", async (t) => {
    const { host, port, calls, returns } = await startUrl(t);
    returns("fine");
    const waiting = await raw(
      port,
      [`POST / HTTP/1.1\r\nhost: ${host}\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n`, "ab"],
      (text) => text.endsWith("fine"),
    );
    assert.match(waiting.text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    const one = `GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
    const api = `GET /2015-03-31/functions/ HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`;
    const mixed = await raw(port, [one, one, api]);
    assert.equal(mixed.text.match(/HTTP\/1\.1 200 OK/g)?.length, 3);
    assert.match(mixed.text, /"Functions":\[/);
    assert.equal(calls.length, 3);
  });

  it("with a client that goes away, or that is no HTTP, leave nothing behind", async (t) => {
    const { host, port, calls, faults, send } = await startUrl(t);
    const half = connect(port, "127.0.0.1");
    half.write(`POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 10\r\n\r\nhalf`, () => half.destroy());
    await once(half, "close");
    const gone = raw(port, [`POST / HTTP/1.1\r\nhost: ${host}\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`]);
    assert.equal((await gone).status, 400);
    const twice = await raw(port, [`GET / HTTP/1.1\r\nhost: ${host}\r\nhost: 127.0.0.1\r\n\r\n`], isWhole);
    assert.notEqual(twice.status, 0);
    const smuggled = await raw(
      port,
      [`POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
      isWhole,
    );
    assert.equal(smuggled.status, 400);
    const before = calls.length;
    assert.equal((await send()).status, 200);
    assert.equal(calls.length, before + 1);
    assert.deepEqual(faults, []);
  });

  it("that are sent too slowly are given up, as everywhere", async (t) => {
    const id = "a".repeat(32);
    const faults: unknown[] = [];
    const urls = createUrlServer({
      urls: { find: async () => ({ scope: { account: "000000000000", region: "us-east-1" }, url: slow(id) }) },
      invoker: { invoke: () => assert.fail("no call"), invokeStream: () => assert.fail("no call") },
      authorizer: createOpenUrlAuthorizer(),
      clock: Date.now,
      onFault: (error) => faults.push(error),
    });
    const edge = createEdge({
      host: "127.0.0.1",
      port: 0,
      handle: () => assert.fail("not the API"),
      byHost: urls.byHost,
      health: () => ({}),
      limits: { headersMs: 100, requestMs: 200 },
      onFault: (error) => faults.push(error),
    });
    const { port } = await edge.start();
    t.after(() => edge.stop(1000));
    const host = urlHost(id, "us-east-1");
    const slowly = await raw(port, [`POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 10\r\n\r\nhalf`]);
    assert.equal(slowly.status, 408);
    assert.deepEqual(faults, []);
  });
});

const slow = (id: string) => ({ id, name: "f", authType: "NONE", createdAt: 0, modifiedAt: 0 }) as const;
