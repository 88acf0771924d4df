/** Members that travel in ways that Lambda and Logs do not use: the protocol is generic all the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation, ServiceDefinition } from "../../src/wire/contract.ts";
import { startServer, type Input } from "./server.ts";

const payload = 16;
const label = 1;
const queryMap = 64;
const httpDate = 6;
const epochSeconds = 7;
const document = 15;

const structure = (name: string, members: Record<string, unknown>) => {
  return [3, "test", name, 0, Object.keys(members), Object.values(members)];
};
const operation = (name: string, http: unknown[], input: unknown, output: unknown) => {
  return [9, "test", name, { http }, () => input, () => output];
};

const everything = operation(
  "Everything",
  ["PUT", "/things/{Name}/{Rest+}?kind=all", 200],
  structure("EverythingRequest", {
    Name: [0, label],
    Rest: [0, label],
    Numbers: [64 | 1, { httpQuery: "n" }],
    Since: [4, { httpQuery: "since" }],
    Others: [128 | 0, queryMap],
    Flag: [2, { httpHeader: "X-Flag" }],
    When: [4, { httpHeader: "X-When" }],
    Words: [64 | 0, { httpHeader: "X-Words" }],
    Meta: [128 | 0, { httpPrefixHeaders: "X-Meta-" }],
    Settings: [() => structure("Settings", { Anything: document, Renamed: [0, { jsonName: "other_name" }] }), payload],
  }),
  structure("EverythingResponse", {
    Count: [1, { httpHeader: "X-Count" }],
    Modified: [4, { httpHeader: "Last-Modified" }],
    Epoch: [epochSeconds, { httpHeader: "X-Epoch" }],
    Words: [64 | 0, { httpHeader: "X-Words" }],
    Meta: [128 | 0, { httpPrefixHeaders: "X-Meta-" }],
    Date: httpDate,
    Union: () => [4, "test", "Choice", 0, ["A", "B"], [0, 1]],
    Renamed: [0, { jsonName: "other_name" }],
  }),
);
const text = operation(
  "Text",
  ["POST", "/text", 200],
  structure("TextRequest", { Text: [0, payload] }),
  structure("TextResponse", { Text: [0, payload] }),
);

test("greedy labels, query lists and maps, header lists, prefix headers, documents, text payloads", async () => {
  let seen: Input = {};
  const operations: Record<string, Operation> = {
    Everything: async (input: Input) => {
      seen = input;
      const Modified = new Date("2026-02-03T04:05:06Z");
      const Meta = { a: "1", B: "2" };
      const body = { Date: Modified, Union: { B: 2 }, Renamed: "r", NotInTheShape: 1 };
      return { Count: 3, Modified, Epoch: Modified, Words: ["x", "y"], Meta, ...body };
    },
    Text: async (input: Input) => ({ Text: `${String(input["Text"])}!` }),
  };
  const definition: ServiceDefinition = {
    name: "test",
    protocol: "rest-json",
    schemas: [everything, text, "something else", null],
    operations,
    constraints: undefined,
  };
  await using server = await startServer({ services: [definition] });
  const answer = await fetch(`${server.url}/things/a%2Fb/c/d?kind=all&n=1&n=2.5&since=2026-02-03T04:05:06Z&free=f`, {
    method: "PUT",
    headers: {
      "X-Flag": "TRUE",
      "X-When": "Tue, 03 Feb 2026 04:05:06 GMT",
      "X-Words": "one, two",
      "X-Meta-Key": "value",
    },
    body: JSON.stringify({ Anything: [{ deep: null }], other_name: "n", Unknown: 1 }),
  });
  const date = new Date("2026-02-03T04:05:06Z");
  assert.deepEqual(seen, {
    Name: "a/b",
    Rest: "c/d",
    Numbers: [1, 2.5],
    Since: date,
    Others: { kind: "all", n: "1", since: "2026-02-03T04:05:06Z", free: "f" },
    Flag: true,
    When: date,
    Words: ["one", "two"],
    Meta: { key: "value" },
    Settings: { Anything: [{ deep: null }], Renamed: "n" },
  });
  const header = (name: string) => answer.headers.get(name);
  assert.deepEqual(["x-count", "last-modified", "x-epoch", "x-words", "x-meta-a", "x-meta-b"].map(header), [
    "3",
    "Tue, 03 Feb 2026 04:05:06 GMT",
    "1770091506",
    "x, y",
    "1",
    "2",
  ]);
  assert.deepEqual(await answer.json(), {
    Date: "Tue, 03 Feb 2026 04:05:06 GMT",
    Union: { B: 2 },
    other_name: "r",
  });
  const plain = await fetch(`${server.url}/text`, { method: "POST", body: "hällo" });
  assert.equal(await plain.text(), "hällo!");
  for (const [query, headers] of [
    ["n=one", {}],
    ["since=yesterday", {}],
    ["", { "X-Flag": "maybe" }],
    ["", { "X-When": "soon" }],
  ] as const) {
    const refused = await fetch(`${server.url}/things/a/b?kind=all&${query}`, { method: "PUT", headers });
    assert.deepEqual([refused.status, refused.headers.get("x-amzn-errortype")], [400, "SerializationException"]);
  }
});

test("a handler for an operation that the schemas do not have is a mistake of ours", async () => {
  const operations: Record<string, Operation> = { Nothing: async () => ({}) };
  const definition: ServiceDefinition = {
    name: "test",
    protocol: "rest-json",
    schemas: [text],
    operations,
    constraints: undefined,
  };
  await assert.rejects(startServer({ services: [definition] }), /handler for Nothing/);
});
