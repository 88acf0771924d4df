/**
 * Requests that two readers could understand in two ways. Whatever stands before Kiln may have understood them differently,
 * so each is refused, with one answer and a closed connection, or has exactly one meaning.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { raw } from "../wire/raw.ts";
import { startUrl, type TestUrl } from "../urls/support.ts";

/** What an attacker wants to be run behind somebody else's request. */
const hidden = "GET /2015-03-31/functions/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
/** Kiln's own answer about its health. */
const health = /cache-control: no-store/;
const notForThem = /"Functions"|cache-control: no-store/;
const answersIn = (text: string) => text.match(/HTTP\/1\.1 \d{3}/g) ?? [];

const framing: readonly (readonly [name: string, headers: string, body?: string])[] = [
  ["length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${hidden}`],
  ["chunks and length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", `0\r\n\r\n${hidden}`],
  ["two lengths", "Content-Length: 0\r\nContent-Length: 60\r\n", hidden],
  ["a list of lengths", "Content-Length: 0, 60\r\n", hidden],
  ["a length with a sign", "Content-Length: +0\r\n", hidden],
  ["a negative length", "Content-Length: -1\r\n", hidden],
  ["a hexadecimal length", "Content-Length: 0x10\r\n", hidden],
  ["a length of blanks", "Content-Length: \r\n", hidden],
  ["a length beyond 64 bits", "Content-Length: 18446744073709551617\r\n", hidden],
  ["a length with a blank within", "Content-Length: 1 0\r\n", hidden],
  ["a blank before the colon", "Transfer-Encoding : chunked\r\n", `0\r\n\r\n${hidden}`],
  ["a header that begins with a blank", " Transfer-Encoding: chunked\r\n", `0\r\n\r\n${hidden}`],
  ["an unknown coding", "Transfer-Encoding: xchunked\r\n", `0\r\n\r\n${hidden}`],
  ["chunked that is not the last coding", "Transfer-Encoding: chunked, identity\r\n", `0\r\n\r\n${hidden}`],
  ["a coding with a vertical tab", "Transfer-Encoding: \x0bchunked\r\n", `0\r\n\r\n${hidden}`],
  ["a folded header", "X-A: 1\r\n Transfer-Encoding: chunked\r\n", `0\r\n\r\n${hidden}`],
  ["a folded coding", "Transfer-Encoding:\r\n chunked\r\n", `0\r\n\r\n${hidden}`],
  ["a carriage return alone", "X-A: 1\rTransfer-Encoding: chunked\r\n", `0\r\n\r\n${hidden}`],
  ["a line feed alone", "X-A: 1\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${hidden}`],
  ["a NUL in a value", "X-A: a\0b\r\n"],
  ["a NUL in a name", "X-\0A: b\r\n"],
  ["a header without a colon", "X-A\r\n"],
  ["a header without a name", ": value\r\n"],
  ["a chunk without a size", "Transfer-Encoding: chunked\r\n", `\r\n\r\n${hidden}`],
  ["a chunk of a negative size", "Transfer-Encoding: chunked\r\n", `-1\r\n\r\n${hidden}`],
  ["a chunk of a size beyond 64 bits", "Transfer-Encoding: chunked\r\n", `10000000000000000\r\n\r\n${hidden}`],
  ["a chunk that is longer than its size", "Transfer-Encoding: chunked\r\n", `1\r\nab\r\n0\r\n\r\n${hidden}`],
  ["a chunk that ends with a line feed", "Transfer-Encoding: chunked\r\n", `1\na\n0\n\n${hidden}`],
  ["a chunk extension with a line feed", "Transfer-Encoding: chunked\r\n", `1;a\nb\r\na\r\n0\r\n\r\n${hidden}`],
  ["a length behind the body", "Transfer-Encoding: chunked\r\n", `0\r\nContent-Length: 60\r\n\r\n${hidden}`],
  ["a second host", "Host: 127.0.0.1\r\n"],
];

const openings: readonly (readonly [name: string, text: string | Buffer])[] = [
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["a TLS handshake", Buffer.from("16030100c8010000c40303", "hex")],
  ["a proxy's announcement", `PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n${hidden}`],
  ["another version", "GET / HTTP/9.9\r\nHost: x\r\n\r\n"],
  ["HTTP/0.9", "GET /\r\n\r\n"],
  ["no host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"],
  ["a blank in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"],
  ["a NUL in the target", "GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n"],
  ["a method with a blank", " GET / HTTP/1.1\r\nHost: x\r\n\r\n"],
  ["a host that is a list", "GET /_kiln/health HTTP/1.1\r\nHost: a, b\r\n\r\n"],
  ["a host with a user", "GET /_kiln/health HTTP/1.1\r\nHost: a@b\r\n\r\n"],
  ["a host with a path", "GET /_kiln/health HTTP/1.1\r\nHost: a/b\r\n\r\n"],
  ["a host with a blank", "GET /_kiln/health HTTP/1.1\r\nHost: a b\r\n\r\n"],
  ["a port that is none", "GET /_kiln/health HTTP/1.1\r\nHost: a:b\r\n\r\n"],
  ["two ports", "GET /_kiln/health HTTP/1.1\r\nHost: a:1:2\r\n\r\n"],
  ["a target for another host", "GET http://b/2015-03-31/functions/ HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a target of another scheme", "GET file:///2015-03-31/functions/ HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a target that is no path", "GET 2015-03-31/functions/ HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["all of the server", "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
];

function assertRefused({ text }: { text: string }, name: string): void {
  const answers = answersIn(text);
  assert.equal(answers.length, 1, `${name}: ${text}`);
  assert.match(answers[0] ?? "", / 4\d\d$/, `${name}: ${text}`);
  assert.doesNotMatch(text, notForThem, name);
}

describe("requests with two meanings", () => {
  it("are refused at the API and at function URLs, and nothing behind them is run", async (t) => {
    const { host, port, calls, faults } = await startUrl(t);
    for (const [name, headers, body = ""] of framing) {
      for (const to of [
        `POST / HTTP/1.1\r\nHost: ${host}`,
        "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: x",
      ]) {
        assertRefused(await raw(port, [`${to}\r\n${headers}\r\n${body}`]), name);
      }
    }
    for (const [name, text] of openings) assertRefused(await raw(port, [text]), name);
    // A body that breaks off half-way may have been given to nobody.
    assert.equal(calls.length, 0);
    assert.deepEqual(faults, []);
  });

  it("are bounded in their head, by size and not by count", async (t) => {
    const { port, host, calls, returns } = await startUrl(t);
    returns("fine");
    const many = Array.from({ length: 2000 }, (_, index) => `a${index}: b\r\n`).join("");
    const all = await raw(port, [`GET / HTTP/1.1\r\nHost: ${host}\r\n${many}Connection: close\r\n\r\n`]);
    assert.equal(all.status, 200);
    assert.equal(
      Object.keys((calls[0] && headersOf(calls[0].payload)) ?? {}).filter((name) => /^a\d/.test(name)).length,
      2000,
    );
    const tooMany = await raw(port, [`GET / HTTP/1.1\r\nHost: ${host}\r\n${"a: b\r\n".repeat(20_000)}\r\n`]);
    assert.equal(tooMany.status, 431);
    const name = await raw(port, [`GET / HTTP/1.1\r\nHost: ${host}\r\n${"a".repeat(40_000)}: b\r\n\r\n`]);
    assert.equal(name.status, 431);
    const target = await raw(port, [`GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`]);
    assert.equal(target.status, 414);
    const trailers = await raw(port, [
      `POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${"a: b\r\n".repeat(20_000)}\r\n`,
    ]);
    assert.ok(trailers.status >= 400, trailers.text);
    assert.equal(calls.length, 1);
  });

  it("keep their order on a connection, and nothing is read behind a wish to upgrade", async (t) => {
    const { port, host, calls, returns } = await startUrl(t);
    returns("fine");
    const chunked = `POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const trailer = `${chunked}1\r\na\r\n0\r\nX-Trailer: 1\r\nHost: 127.0.0.1\r\n\r\n`;
    const last = "GET /_kiln/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const { text } = await raw(port, [trailer, trailer, last]);
    assert.deepEqual(answersIn(text), ["HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 200"]);
    assert.match(text, health);
    assert.equal(calls.length, 2);
    // A trailer is no header.
    assert.equal(headersOf(calls[0]?.payload)?.["host"], host);
    for (const to of ["h2c", "websocket"]) {
      const upgrade = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: ${to}\r\n\r\n`;
      const { text: answered } = await raw(port, [upgrade, hidden]);
      assert.deepEqual(answersIn(answered), ["HTTP/1.1 200"], to);
      assert.doesNotMatch(answered, notForThem);
    }
    const tunnel = await raw(port, [`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n${hidden}`]);
    assert.doesNotMatch(tunnel.text, / 2\d\d /);
    assert.equal(calls.length, 4);
  });
});

const headersOf = (payload: Uint8Array | undefined) =>
  (JSON.parse(Buffer.from(payload ?? []).toString()) as { headers?: Record<string, string> }).headers;

const answer = async ({ port }: TestUrl, target: string, host: string) =>
  raw(port, [`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`]);

describe("names of hosts and paths", () => {
  it("of a function URL lead to nothing but functions, however they are written", async (t) => {
    const url = await startUrl(t);
    url.returns("fine");
    const name = url.host.replace(/:\d+$/, "");
    const targets = [
      "/_kiln/health",
      "/2015-03-31/functions/",
      "//_kiln/health",
      "/../_kiln/health",
      "/%2e%2e/_kiln/health",
    ];
    for (const host of [
      name,
      name.toUpperCase(),
      `${name}.`,
      `${name}:1`,
      `${name}.example.com`,
      name.replace("localhost", "example.com"),
    ]) {
      for (const target of [...targets, ...targets.map((path) => `http://127.0.0.1${path}`)]) {
        const { text } = await answer(url, target, host);
        assert.doesNotMatch(text, notForThem, `${target} at ${host}`);
        assert.equal(answersIn(text).length, 1);
      }
    }
    for (const target of targets) {
      const { text } = await answer(url, `http://${name}${target}`, "127.0.0.1");
      assert.doesNotMatch(text, notForThem, target);
    }
    // A path stays as it was sent: what a proxy would resolve, a function gets to see.
    await answer(url, "/a%2Fb/%2e%2e/c//d?x=%00", name);
    assert.equal(
      (JSON.parse(Buffer.from(url.calls.at(-1)?.payload ?? []).toString()) as { rawPath: string }).rawPath,
      "/a%2Fb/%2e%2e/c//d",
    );
    assert.deepEqual(url.faults, []);
  });

  it("that only look like a function URL's are none", async (t) => {
    const url = await startUrl(t);
    for (const host of [
      "lambda-url.us-east-1.localhost",
      `x${url.id}`,
      `${url.id}.localhost`,
      "127.0.0.1",
      "[::1]:80",
      "",
    ]) {
      assert.match((await answer(url, "/_kiln/health", host)).text, health, host);
    }
    for (const id of ["", "..", "%00", `${url.id}x`, url.id.slice(1)]) {
      const { text } = await answer(url, `/_kiln/url/${id}/`, "127.0.0.1");
      assert.match(text, /^HTTP\/1\.1 40[03]/, id);
    }
    assert.equal(url.calls.length, 0);
  });

  it("of Kiln's own paths are exact: encoded or dotted ones are not resolved into them", async (t) => {
    const url = await startUrl(t);
    for (const target of [
      "/%5fkiln/health",
      "/_kiln%2fhealth",
      "/_kiln/./health",
      "/_kiln/x/../health",
      "/_kiln//health",
      "/x/../_kiln/health",
      "/_KILN/health",
      "/_kiln/health/",
      "/_kiln/health%00",
      "\\_kiln\\health",
    ]) {
      const { text, status } = await answer(url, target, "127.0.0.1");
      assert.ok(status >= 400 && status < 500, `${target}: ${text}`);
    }
    // The API takes a path apart before it decodes it: an encoded slash is part of a name, and dots lead nowhere.
    for (const target of [
      "/2015-03-31/functions/f%2F..%2Fg",
      "/2015-03-31/functions/../functions/",
      "/2015-03-31/functions/%2e%2e",
      "/2015-03-31/functions/f%00",
    ]) {
      const { text, status } = await answer(url, target, "127.0.0.1");
      assert.ok(status >= 400 && status < 500, `${target}: ${text}`);
      assert.doesNotMatch(text, /"Functions"/, target);
    }
    assert.deepEqual(url.faults, []);
  });
});
