import assert from "node:assert/strict";
import { test } from "node:test";
import * as lambda from "@aws-sdk/client-lambda";
import * as fc from "fast-check";
import type { WireRequest } from "../../http/request.ts";
import { operationSchemas, type HttpTrait } from "../../schema/operation.ts";
import { createRouter } from "./router.ts";

const operations = operationSchemas(Object.values(lambda));
const router = createRouter(
  operations.flatMap(({ name, http }) => (http === undefined ? [] : [{ http, target: name }])),
);

function request(method: string, path: string, query = ""): WireRequest {
  return {
    method,
    path,
    query,
    headers: {},
    rawHeaders: [],
    sourceIp: "127.0.0.1",
    parameters: () => new URLSearchParams(query),
  };
}

function requestOf(http: HttpTrait, value: string): WireRequest {
  return request(
    http.method,
    http.path.replaceAll(/\{[^}]+\}/g, value),
    new URLSearchParams(http.query.map(([...p]) => p)).toString(),
  );
}

test("every operation of Lambda is found by its own method, path and query", () => {
  assert.ok(operations.length > 80);
  for (const { name, http } of operations) {
    assert.ok(http);
    assert.equal(router.match(requestOf(http, "value"))?.target, name);
    const slashed = requestOf(http, "value");
    assert.equal(router.match({ ...slashed, path: `${slashed.path}/` })?.target, name, "with a slash at the end");
  }
});

test("labels take anything but a slash and nothing", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...operations),
      fc.string({ minLength: 1 }).filter((text) => !/[/{}]/.test(text)),
      ({ http }, value) => {
        assert.ok(http);
        const labels = http.path.split("{").length - 1;
        const encoded = encodeURIComponent(value.replaceAll(/[\ud800-\udfff]/g, "x"));
        const match = router.match(requestOf(http, encoded));
        assert.deepEqual(match?.labels, Array<string>(labels).fill(encoded));
      },
    ),
  );
});

test("what is no route is not one", () => {
  for (const [method, path] of [
    ["GET", "/"],
    ["GET", ""],
    ["GET", "*"],
    ["PATCH", "/2015-03-31/functions"],
    ["HEAD", "/2015-03-31/functions/f"],
    ["get", "/2015-03-31/functions"],
    ["POST", "/2015-03-31/functions//invocations"],
    ["POST", "/2015-03-31/functions/f/invocations/x"],
    ["GET", "//2015-03-31/functions"],
    ["GET", "/2015-03-31/constructor"],
    ["GET", `/2015-03-31${"/functions".repeat(10_000)}`],
  ] as const) {
    assert.equal(router.match(request(method, path)), undefined, `${method} ${path.slice(0, 60)}`);
  }
});

const http = (path: string): HttpTrait => ({ method: "GET", path, query: [], status: 200 });

test("a literal wins over a label, a greedy label takes the rest", () => {
  const small = createRouter([
    { http: http("/a/{X}/c"), target: "label" },
    { http: http("/a/b"), target: "literal" },
    { http: http("/a/{X}"), target: "end" },
    { http: http("/files/{Path+}"), target: "greedy" },
  ]);
  assert.equal(small.match(request("GET", "/a/b"))?.target, "literal");
  assert.deepEqual(small.match(request("GET", "/a/b/c")), { target: "label", labels: ["b"] });
  assert.equal(small.match(request("GET", "/a/x"))?.target, "end");
  assert.deepEqual(small.match(request("GET", "/files/a/b/c")), { target: "greedy", labels: ["a/b/c"] });
});
