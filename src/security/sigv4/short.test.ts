/** The short ways come to what the long ones come to, or leave it to them. */
import assert from "node:assert/strict";
import { createHmac, hash } from "node:crypto";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";
import * as fc from "fast-check";
import { ServiceError } from "../../base/errors.ts";
import type { Credential, RequestHead } from "../contract.ts";
import { canonicalHash, canonicalRequest } from "./canonical.ts";
import { shortCanonicalRequest } from "./canonical-short.ts";
import { createSigV4Authenticator } from "./index.ts";

const now = Date.parse("2026-11-23T12:00:00Z");
const time = "20261123T120000Z";
const scope = "20261123/us-east-1/lambda/aws4_request";
const accessKeyId = "AKIAIOSFODNN7EXAMPLE";
const principal = { kind: "user", account: "123456789012", arn: "a", userId: "AIDA" } as const;

/** As Node.js makes them of what was sent. */
function headersOf(rawHeaders: string[]): RequestHead["headers"] {
  const message = new IncomingMessage(new Socket()) as IncomingMessage & {
    _addHeaderLines(lines: string[], count: number): void;
  };
  message._addHeaderLines(rawHeaders, rawHeaders.length);
  return message.headers;
}

const names = [
  "host",
  "Host",
  "x-amz-date",
  "X-Amz-Date",
  "content-type",
  "cookie",
  "set-cookie",
  "x-a",
  "constructor",
  "__proto__",
];
const value = fc.oneof(
  fc.stringMatching(/^[ -~]*$/),
  fc.constantFrom("", " ", "a", "a b", "a  b", " a", "a ", "a\tb", "é", "\u00ff", "a, b"),
  fc.string({ unit: "binary" }).map((text) => Buffer.from(text).toString("latin1")),
);
const rawHeaders = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 6 }).map((all) => all.flat());

test("a canonical request that is written down in one go is the same text, and its characters are its bytes", () => {
  let taken = 0;
  fc.assert(
    fc.property(
      rawHeaders,
      fc.subarray(["__proto__", "constructor", "content-type", "cookie", "host", "set-cookie", "x-a", "x-amz-date"]),
      fc.oneof(
        fc.constantFrom("/", "/a/b", "//a", "/a/./b", "/a%20b", ""),
        fc.string().map((text) => `/${text}`),
      ),
      fc.constantFrom("", "", "a=b"),
      (raw, signed, path, query) => {
        const head = { method: "POST", path, query, rawHeaders: raw, headers: headersOf(raw) };
        const short = shortCanonicalRequest(head, signed, "hash");
        if (short === undefined) return;
        taken += 1;
        const long = canonicalRequest(head, signed, "hash");
        assert.equal(short, long);
        assert.equal(hash("sha256", short), canonicalHash(long));
      },
    ),
    { numRuns: 5000 },
  );
  assert.ok(taken > 100, `${taken} were taken`);
});

const plain = ["Host", "h", "X-A", "a b"];

function shortOf(raw: string[], query = ""): string | undefined {
  const head = { method: "POST", path: "/", query, rawHeaders: raw, headers: headersOf(raw) };
  return shortCanonicalRequest(head, ["host", "x-a"], "0");
}

test("what is not plain is left to the long way", () => {
  assert.equal(shortOf(plain), "POST\n/\n\nhost:h\nx-a:a b\n\nhost;x-a\n0");
  assert.equal(shortOf(plain, "a"), undefined);
  assert.equal(shortOf(plain.slice(0, 2)), undefined);
  assert.equal(shortOf([...plain, "x-a", "c"]), undefined);
  assert.equal(shortOf([...plain, "set-cookie", "1", "set-cookie", "2"]), undefined);
  for (const odd of ["", " a", "a ", "a  b", "a\tb", "é"])
    assert.equal(shortOf(["Host", "h", "X-A", odd]), undefined, odd);
});

function signedHead(
  secret: string,
  body: string,
  more: readonly string[] = [],
): RequestHead & { rawHeaders: string[] } {
  const digest = hash("sha256", body);
  const headers = ["host", "h", "x-amz-content-sha256", digest, "x-amz-date", time];
  const head = { method: "POST", path: "/a", query: "", rawHeaders: headers, headers: headersOf(headers) };
  const list = ["host", "x-amz-content-sha256", "x-amz-date"];
  let key: string | Buffer = `AWS4${secret}`;
  for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash("sha256", canonicalRequest(head, list, digest))}`;
  const signature = createHmac("sha256", key).update(text).digest("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${list.join(";")}, Signature=${signature}`;
  const raw = [...headers, "authorization", authorization, ...more];
  return { ...head, rawHeaders: raw, headers: headersOf(raw) };
}

function start(credential: () => Credential | undefined, clock = () => now) {
  const authenticator = createSigV4Authenticator({ credentials: { find: credential }, clock, region: "us-east-1" });
  return async (head: RequestHead, body: string, service = "lambda"): Promise<string> => {
    try {
      const claimed = authenticator.scopeOf(head.headers, head.query);
      return JSON.stringify((await authenticator.authenticate(head, claimed, service))(Buffer.from(body)));
    } catch (error) {
      assert.ok(error instanceof ServiceError, String(error));
      return `${error.code} ${error.message}`;
    }
  };
}

const good = (): Credential => ({ secretAccessKey: "secret", principal });

/** A change of a request: of a header's text, of what is signed, of the body. */
const change = fc.record({
  header: fc.constantFrom("", "authorization", "x-amz-date", "host", "x-amz-content-sha256"),
  at: fc.nat({ max: 300 }),
  remove: fc.nat({ max: 80 }),
  insert: fc.oneof(
    fc.constantFrom("", "0", "f".repeat(64), ", Signature=", ", Credential=x", " ", ",", "=", ";", "20261123T120400Z"),
    fc.stringMatching(/^[ -~]{0,70}$/),
  ),
  more: fc.constantFrom([], ["x-amz-target", "a"], ["X-Amz-Date", time], ["date", "x"], ["x-amz-security-token", "t"]),
  path: fc.constantFrom("/a", "/b", "//a"),
  query: fc.constantFrom("", "a=b", "X-Amz-Credential=x"),
  body: fc.constantFrom("body", "other"),
  service: fc.constantFrom("lambda", "lambda", "logs"),
  late: fc.constantFrom(0, 0, 6 * 60_000),
});

test("a header that is known gets no request another answer than one that is not", async () => {
  let clock = now;
  const known = start(good, () => clock);
  const accepted = await known(signedHead("secret", "body"), "body");
  assert.match(accepted, /"userId":"AIDA"/);
  const answers = new Set<string>();
  await fc.assert(
    fc.asyncProperty(change, async ({ header, at, remove, insert, more, path, query, body, service, late }) => {
      const { rawHeaders: raw, ...head } = signedHead("secret", "body", more);
      const index = raw.indexOf(header) + 1;
      const text = raw[index] ?? "";
      if (index > 0) raw[index] = (text.slice(0, at) + insert + text.slice(at + remove)).trim();
      const asked = { ...head, path, query, rawHeaders: raw, headers: headersOf(raw) };
      clock = now + late;
      const answer = await known(asked, body, service);
      assert.equal(answer, await start(good, () => clock)(asked, body, service));
      answers.add(answer.split(" ")[0] ?? "");
    }),
    { numRuns: 5000 },
  );
  assert.ok(answers.size >= 4, [...answers].join());
});

test("a known header is worth nothing without a credential that is good now", async () => {
  let credential: Credential | undefined = good();
  const ask = start(() => credential);
  const head = signedHead("secret", "body");
  for (const _time of [1, 2, 3]) assert.match(await ask(head, "body"), /"userId":"AIDA"/);
  credential = { ...good(), secretAccessKey: "another" };
  assert.match(await ask(head, "body"), /^InvalidSignatureException/);
  assert.match(await ask(signedHead("another", "body"), "body"), /"userId":"AIDA"/);
  assert.match(await ask(head, "body"), /^InvalidSignatureException/);
  credential = { ...good(), principal: { ...principal, userId: "AIDB" } };
  assert.match(await ask(head, "body"), /"userId":"AIDB"/);
  credential = { ...good(), expiresAt: now };
  assert.match(await ask(head, "body"), /^ExpiredTokenException/);
  credential = undefined;
  assert.match(await ask(head, "body"), /^UnrecognizedClientException/);
});
