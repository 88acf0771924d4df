/** AWS's own test suite for Signature Version 4, in both forms, as a table. */
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { canonicalRequest, isNormalPath } from "../../src/security/sigv4/canonical.ts";
import { createSigV4Authenticator } from "../../src/security/sigv4/index.ts";
import { scopeOf } from "../../src/security/sigv4/credential.ts";
import { readSignedRequest } from "../../src/security/sigv4/signed-request.ts";
import table from "./sigv4-vectors.json" with { type: "json" };
import { parseRequest } from "./request-text.ts";

const secretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const signedAt = Date.parse("2015-08-30T12:36:00Z");

const authenticator = createSigV4Authenticator({
  credentials: {
    find: (accessKeyId) =>
      accessKeyId === "AKIDEXAMPLE"
        ? {
            secretAccessKey,
            principal: { kind: "root", account: "123456789012", arn: "arn:aws:iam::123456789012:root", userId: "1" },
          }
        : undefined,
  },
  clock: () => signedAt,
  region: "us-east-1",
});

for (const vector of table.vectors) {
  const forms = [
    ["header", vector.signed, vector.canonical, vector.signature],
    // A token that is added after signing is in no canonical query; presigned URLs of AWS's services carry a signed one.
    ...(vector.omitToken === true
      ? []
      : [["query", vector.presigned, vector.presignedCanonical, vector.presignedSignature]]),
  ] as const;
  for (const [form, text = "", canonical = "", signature = ""] of forms) {
    test(`${vector.name}, in the ${form}`, async () => {
      const { body, ...head } = parseRequest(text);
      const claimed = scopeOf(head.headers, head.query);
      const { signedHeaders, ...signed } = readSignedRequest(head.headers, head.query, claimed);
      assert.equal(signed.signature, signature);
      const without = form === "query" ? "X-Amz-Signature" : undefined;
      assert.equal(canonicalRequest(head, signedHeaders, hash("sha256", body), without), canonical);
      const accepted = (async () => (await authenticator.authenticate(head, claimed, "service"))(body))();
      if (isNormalPath(head.path)) assert.equal((await accepted).account, "123456789012");
      else await assert.rejects(accepted, { code: "InvalidSignatureException" });
    });
  }
}
