/** What the Python runtime does with a Runtime API that is not one: it ends, says why, and takes no nonsense for an event. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { python, withoutPython as skip } from "./python-runtime.ts";

const runtime = fileURLToPath(new URL("../../runtimes/python/", import.meta.url));
const ID = "Lambda-Runtime-Aws-Request-Id: 1\r\nLambda-Runtime-Deadline-Ms: 1\r\n";
const notHttp = /is not HTTP\/1\.1/;
const tooLong = /too long/;

const answers: [what: string, answer: string, says: RegExp][] = [
  ["an old version", "HTTP/1.0 200 OK\r\n\r\n", notHttp],
  ["no status", "HTTP/1.1 OK\r\n\r\n", notHttp],
  ["a status of other digits", "HTTP/1.1 ٢٠٠ OK\r\n\r\n", notHttp],
  ["an error", "HTTP/1.1 500 No\r\n\r\n", /answered 500/],
  ["a header without a colon", "HTTP/1.1 200 OK\r\nnothing\r\n\r\n", /malformed header/],
  ["a head without an end", "x".repeat(200_000), tooLong],
  ["a body that is too long", "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", tooLong],
  ["a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", tooLong],
  ["a chunk that is none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\n", /malformed chunk/],
  ["a chunk that is too long", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", tooLong],
  ["half a body", `HTTP/1.1 200 OK\r\n${ID}Content-Length: 10\r\n\r\n{}`, /closed the connection/],
  ["nothing", "", /closed the connection/],
];

test("malformed answers of the Runtime API", { skip }, async (t) => {
  let answer = "";
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(answer));
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  for (const [what, bytes, says] of answers) {
    answer = bytes;
    const child = spawn(python.path, [`${runtime}bootstrap.py`], {
      env: {
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${String(port)}`,
        LAMBDA_TASK_ROOT: runtime,
        LAMBDA_RUNTIME_DIR: runtime,
        // A module that is there without a function of anybody.
        _HANDLER: "kiln_runtime.errors.describe",
        PYTHONDONTWRITEBYTECODE: "1",
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    assert.equal(status, 1, what);
    assert.match(stderr, says, what);
  }
});
