/** Pieces of requests in any order, as bytes on a connection: the answer is never a fault, and never somebody else's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { raw } from "../wire/raw.ts";
import { startUrl } from "../urls/support.ts";

const runs = 400;

test("any bytes at the listener", { timeout: 60_000 }, async (t) => {
  const { host, port, faults, returns, send } = await startUrl(t);
  returns("fine");
  const piece = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom(
        "GET ",
        "POST ",
        "/",
        "/_kiln/health",
        "/2015-03-31/functions/",
        "http://127.0.0.1",
        `http://${host}`,
        "?a=%zz",
        " HTTP/1.1",
        " HTTP/1.0",
        "\r\n",
        "\r\n",
        "\r\n\r\n",
        "\n",
        "\r",
        " ",
        "\t",
        "\0",
        ":",
        "Host: ",
        host,
        "127.0.0.1",
        "Content-Length: ",
        "0",
        "5",
        "-1",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: ",
        "Expect: 100-continue",
        "Connection: close",
        "Connection: Upgrade\r\nUpgrade: h2c",
        "Authorization: AWS4-HMAC-SHA256 Credential=",
        "0\r\n\r\n",
        "a\r\n",
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  );
  const start = fc.constantFrom("", `GET / HTTP/1.1\r\nHost: ${host}\r\n`, `POST / HTTP/1.1\r\nHost: ${host}\r\n`);
  const bytes = fc.tuple(start, fc.array(piece, { maxLength: 14 })).map(([first, rest]) => first + rest.join(""));
  await fc.assert(
    fc.asyncProperty(bytes, async (text) => {
      // What follows ends a request that is not over: it is refused, or it is a body.
      const { text: answer } = await raw(
        port,
        [text, "\r\n\r\n\x01\r\n\r\n"],
        (got) => got.includes("HTTP/1.1 4"),
        200,
      );
      assert.doesNotMatch(answer, /HTTP\/1\.1 5\d\d/);
    }),
    { numRuns: runs },
  );
  assert.equal((await send()).status, 200);
  assert.deepEqual(faults, []);
});
