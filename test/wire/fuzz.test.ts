/** Whatever comes, the answer is a well-formed error of AWS's kind or a proper answer, and nothing of ours breaks. */
import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { test } from "node:test";
import * as lambda from "@aws-sdk/client-lambda";
import * as fc from "fast-check";
import { operationSchemas } from "../../src/wire/index.ts";
import { startServer, type Handler } from "./server.ts";

const operations = operationSchemas(Object.values(lambda));
const runs = 400;
const nothing: Handler = () => ({});

interface Answer {
  status: number;
  type: string | undefined;
  requestId: string | undefined;
  body: string;
}

function send(port: number, agent: Agent, method: string, path: string, body: string, headers = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { port, agent, method, path, headers: { "content-length": Buffer.byteLength(body), ...headers } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const { "x-amzn-errortype": type, "x-amzn-requestid": requestId } = answer.headers;
          resolve({
            status: answer.statusCode ?? 0,
            type: type?.toString(),
            requestId: requestId?.toString(),
            body: Buffer.concat(chunks).toString(),
          });
        });
        answer.on("error", reject);
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function assertWellFormed(answer: Answer): void {
  assert.ok(answer.status >= 200 && answer.status < 500, JSON.stringify(answer));
  assert.match(answer.requestId ?? "", /^[0-9a-f-]{36}$/);
  if (answer.status >= 400) {
    assert.match(answer.type ?? "", /^[A-Za-z]+Exception$/);
    assert.equal(typeof (JSON.parse(answer.body) as { message: unknown }).message, "string");
  }
}

/** Paths that a client could send: the characters that Node.js's client refuses are encoded. */
const segment = fc.oneof(
  fc.constantFrom(
    "2015-03-31",
    "functions",
    "layers",
    "versions",
    "%",
    "%2F",
    "%00",
    "%ff",
    "..",
    "",
    "__proto__",
    "arn:aws:lambda:",
  ),
  fc.string().map((text) => text.replaceAll(/[^!-~]|[#?]/g, "%41")),
);
const query = fc.oneof(
  fc.constantFrom(
    "",
    "MaxItems=x",
    "Marker=%zz",
    "find=LayerVersion&Arn=%00",
    "List=ALL",
    "tagKeys=&tagKeys=a",
    "&&=&",
    "__proto__=1",
  ),
  fc.string().map((text) => text.replaceAll(/[^!-~]|#/g, "%41")),
);
const body = fc.oneof(
  fc.json({ maxDepth: 6 }),
  fc.string(),
  fc
    .record(
      {
        FunctionName: fc.anything({ maxDepth: 1, withBigInt: false }),
        Runtime: fc.anything({ maxDepth: 1 }),
        Code: fc.anything({ maxDepth: 2 }),
        Layers: fc.array(fc.jsonValue({ maxDepth: 1 })),
        Environment: fc.jsonValue({ maxDepth: 3 }),
        Tags: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 })),
        FileSystemConfigs: fc.array(fc.jsonValue({ maxDepth: 2 })),
        MemorySize: fc.jsonValue({ maxDepth: 0 }),
        VpcConfig: fc.jsonValue({ maxDepth: 3 }),
      },
      { requiredKeys: [] },
    )
    .map((value) =>
      JSON.stringify(value, (_key, member: unknown) => (typeof member === "bigint" ? String(member) : member)),
    ),
);

test("any path, any body, any headers", async () => {
  const handlers = Object.fromEntries(
    operations.filter(({ name }) => name !== "InvokeWithResponseStream").map(({ name }) => [name, nothing]),
  );
  await using server = await startServer({ lambda: handlers });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH"),
        fc.array(segment, { maxLength: 6 }),
        query,
        body,
        async (method, segments, search, text) => {
          assertWellFormed(await send(server.port, agent, method, `/${segments.join("/")}?${search}`, text));
        },
      ),
      { numRuns: runs },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...operations),
        segment,
        query,
        body,
        async ({ name, http }, value, search, text) => {
          if (http === undefined || name === "InvokeWithResponseStream") return;
          const path = http.path.replaceAll(/\{[^}]+\}/g, value === "" ? "f" : value.replaceAll("/", "%2F"));
          const literal = http.query.map((pair) => pair.join("=")).join("&");
          assertWellFormed(await send(server.port, agent, http.method, `${path}?${literal}&${search}`, text));
        },
      ),
      { numRuns: runs },
    );
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (authorization, target) => {
        const headers = {
          authorization: `AWS4-HMAC-SHA256 Credential=${clean(authorization)}`,
          "x-amz-target": clean(target),
          "x-amz-invocation-type": clean(target),
        };
        const answer = await send(server.port, agent, "POST", "/2015-03-31/functions/f/invocations", "{}", headers);
        assertWellFormed(answer);
      }),
      { numRuns: runs / 4 },
    );
  } finally {
    agent.destroy();
  }
  assert.deepEqual(server.faults, []);
});

/** What Node.js's client lets into a header. */
function clean(text: string): string {
  return text.replaceAll(/[^\t -~]/g, "?");
}
