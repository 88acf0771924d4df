import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ServiceError } from "../../base/errors.ts";
import { createOpenAuthenticator, scopeOf } from "./index.ts";

const signed = (credential: string, algorithm = "AWS4-HMAC-SHA256") => ({
  authorization: `${algorithm} Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=abc`,
});
const none = new Uint8Array(0);
const scope = { accessKeyId: "123456789012", date: "20261123", region: "eu-west-1", service: "lambda" };

test("the scope is read from the header, with and without blanks, and from a presigned query", () => {
  assert.deepEqual(scopeOf(signed("123456789012/20261123/eu-west-1/lambda/aws4_request"), ""), scope);
  const tight =
    "AWS4-HMAC-SHA256 Credential=123456789012/20261123/eu-west-1/lambda/aws4_request,SignedHeaders=host,Signature=a";
  assert.deepEqual(scopeOf({ authorization: tight }, ""), scope);
  const query =
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=123456789012%2F20261123%2Feu-west-1%2Flambda%2Faws4_request";
  assert.deepEqual(scopeOf({}, query), scope);
  assert.deepEqual(scopeOf(signed("AKIA/20261123/lambda/aws4_request", "AWS4-ECDSA-P256-SHA256"), ""), {
    ...scope,
    accessKeyId: "AKIA",
    region: "",
  });
});

test("what is not signed, or signed otherwise, has no scope", () => {
  assert.equal(scopeOf({}, ""), undefined);
  assert.equal(scopeOf({ authorization: "Bearer x" }, ""), undefined);
  assert.equal(scopeOf({}, "X-Amz-Credential=a"), undefined);
});

for (const [credential, code] of [
  ["", "IncompleteSignatureException"],
  ["AKIA", "IncompleteSignatureException"],
  ["AKIA/20261123/eu-west-1/lambda/aws5_request", "IncompleteSignatureException"],
  ["AKIA/today/eu-west-1/lambda/aws4_request", "IncompleteSignatureException"],
  ["A/B/20261123/eu-west-1/lambda/aws4_request", "IncompleteSignatureException"],
  ["../x/20261123/eu-west-1/lambda/aws4_request", "IncompleteSignatureException"],
  ["A.B/20261123/eu-west-1/lambda/aws4_request", "UnrecognizedClientException"],
  ["AKIA/20261123/EU_West/lambda/aws4_request", "InvalidSignatureException"],
  ["AKIA/20261123/eu-west-1/Lambda!/aws4_request", "InvalidSignatureException"],
] as const) {
  test(`the credential ${JSON.stringify(credential)} is answered with ${code}`, () => {
    assert.throws(
      () => scopeOf(signed(credential), ""),
      (error) => error instanceof ServiceError && error.code === code,
    );
  });
}

test("nothing that a client can send makes it crash", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (header, query) => {
      for (const authorization of [header, `AWS4-${header}`, `AWS4-HMAC-SHA256 Credential=${header}`]) {
        try {
          scopeOf({ authorization }, query);
          scopeOf({}, `X-Amz-Algorithm=AWS4-A&X-Amz-Credential=${query}`);
        } catch (error) {
          assert.ok(error instanceof ServiceError);
        }
      }
    }),
  );
});

test("--auth off: a key of 12 digits is the account, others and unsigned requests get the default", async () => {
  const authenticator = createOpenAuthenticator({ account: "000000000000", region: "us-east-1" });
  const head = { method: "GET", path: "/", query: "", headers: {}, rawHeaders: [] };
  const caller = async (claimed: typeof scope | undefined) => {
    const { accessKeyId, account, region, arn } = (await authenticator.authenticate(head, claimed, "lambda"))(none);
    return [accessKeyId, account, region, arn];
  };
  assert.deepEqual(await caller(scope), [
    "123456789012",
    "123456789012",
    "eu-west-1",
    "arn:aws:iam::123456789012:root",
  ]);
  assert.deepEqual(await caller({ ...scope, accessKeyId: "AKIA", region: "" }), [
    "AKIA",
    "000000000000",
    "us-east-1",
    "arn:aws:iam::000000000000:root",
  ]);
  assert.deepEqual((await caller(undefined))[1], "000000000000");
  assert.throws(() => createOpenAuthenticator({ account: "1", region: "us-east-1" }), TypeError);
});

test("--auth off: a web page cannot call, neither by posting from elsewhere nor under its own name", () => {
  const authenticator = createOpenAuthenticator({ account: "000000000000", region: "us-east-1" });
  const ask = (headers: Record<string, string>) =>
    authenticator.authenticate({ method: "POST", path: "/", query: "", headers, rawHeaders: [] }, undefined, "lambda");
  for (const host of [
    "127.0.0.1:4566",
    "[::1]:4566",
    "localhost:4566",
    "kiln:4566",
    "lambda.us-east-1.localhost:4566",
    "lambda.us-east-1.amazonaws.com",
    "host.docker.internal:4566",
  ]) {
    assert.ok(ask({ host }), host);
    assert.ok(ask({ host, origin: `http://${host}` }), host);
    for (const origin of ["null", "http://evil.example", `http://${host}.evil.example`, "http://127.0.0.1:8080"]) {
      assert.throws(() => ask({ host, origin }), { name: "AccessDeniedException" });
    }
  }
  for (const host of ["evil.example:4566", "localhost.evil.example", "127.0.0.1.evil.example", "evil-amazonaws.com"]) {
    assert.throws(() => ask({ host }), { name: "AccessDeniedException" }, host);
    assert.throws(() => ask({ host, origin: `http://${host}` }), { name: "AccessDeniedException" }, host);
  }
});
