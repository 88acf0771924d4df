/** Whatever a client sends before it is known: an error of the caller's, or a claim; never a fault, and soon. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ServiceError } from "../../base/errors.ts";
import { canonicalPath, canonicalQuery, canonicalRequest, isNormalPath } from "./canonical.ts";
import { createSigV4Authenticator } from "./index.ts";

const authenticator = createSigV4Authenticator({
  credentials: { find: () => undefined },
  clock: () => 0,
  region: "us-east-1",
});
const scope = "AKIA/19700101/us-east-1/lambda/aws4_request";
const piece = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "AWS4-HMAC-SHA256 ",
    `Credential=${scope}`,
    ", SignedHeaders=host",
    ", Signature=",
    "0".repeat(64),
    "=",
    ",",
  ),
);
const header = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
const parameter = fc.constantFrom(
  "Algorithm",
  "Credential",
  "Date",
  "Expires",
  "SignedHeaders",
  "Signature",
  "Security-Token",
);
const query = fc
  .array(
    fc.tuple(
      parameter,
      fc.oneof(piece, fc.constantFrom("AWS4-HMAC-SHA256", encodeURIComponent(scope), "19700101T000000Z", "900")),
    ),
  )
  .map((all) => all.map(([name, value]) => `X-Amz-${name}=${value}`).join("&"));

/** As Node.js gives the bytes of a target. */
function latin(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

test("no header and no query makes the verification fail in another way than with a caller's error", async () => {
  await fc.assert(
    fc.asyncProperty(fc.option(header, { nil: undefined }), header, query, async (authorization, date, text) => {
      const head = {
        method: "GET",
        path: "/",
        query: text,
        headers: { ...(authorization === undefined ? {} : { authorization }), "x-amz-date": date },
        rawHeaders: [],
      };
      try {
        await authenticator.authenticate(head, authenticator.scopeOf(head.headers, text), "lambda");
        assert.fail("nobody is known");
      } catch (error) {
        assert.ok(error instanceof ServiceError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test("a canonical request is text of one line per part, whatever the target is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (path, text) => {
      const [target, parameters] = [`/${latin(path)}`, latin(text)];
      assert.match(canonicalPath(target), /^[\w/.~%-]+$/);
      assert.match(canonicalQuery(parameters), /^[\w.~%&=-]*$/);
      const request = { method: "GET", path: target, query: parameters, rawHeaders: ["Host", " a  b "] };
      assert.equal(canonicalRequest(request, ["host"], "hash").split("\n").length, 7);
    }),
  );
});

test("a path has its own canonical form only where no segment is empty, a dot or two", () => {
  for (const path of ["/", "/a", "/a/", "/a/b.c/..d", "/%2E%2E/a"]) assert.ok(isNormalPath(path), path);
  for (const path of ["//", "/a//b", "/./a", "/a/..", "/a/../b", "/a/."]) assert.ok(!isNormalPath(path), path);
});
