/**
 * What it costs to know who calls and whether they may: microseconds per decision and per verified signature, beside the
 * hash of the payload and the parsing of the policy, which any implementation has to pay for.
 */
import { createHmac, hash } from "node:crypto";
import type { CredentialScope } from "../src/security/contract.ts";
import { compilePolicy, evaluate, parsePolicy, type PolicyRequest } from "../src/security/policy/index.ts";
import { createSigV4Authenticator } from "../src/security/sigv4/index.ts";
import { createSigner } from "./harness/signer.ts";
import { median, printTable, saveResult, spread } from "./report.ts";

const rounds = 7;
const times = 20_000;

const statement = (index: number) => ({
  Effect: index % 5 === 0 ? "Deny" : "Allow",
  Action: [`lambda:Get${index}*`, "lambda:List*", `logs:Put${index}`],
  Resource: [`arn:aws:lambda:*:123456789012:function:team-${index}-*`, "arn:aws:logs:*:*:*"],
  Condition: {
    StringEquals: { "aws:PrincipalTag/team": `team-${index}` },
    IpAddress: { "aws:SourceIp": "10.0.0.0/8" },
  },
});
const small = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: "arn:aws:lambda:*:123456789012:function:*" },
  ],
});
const large = JSON.stringify({ Version: "2012-10-17", Statement: [...Array(25).keys()].map(statement) });

const request: PolicyRequest = {
  principal: {
    kind: "user",
    account: "123456789012",
    arn: "arn:aws:iam::123456789012:user/a",
    id: "AIDAEXAMPLE000001",
  },
  action: "lambda:InvokeFunction",
  resource: "arn:aws:lambda:eu-central-1:123456789012:function:orders",
  keys: (name) => (name === "aws:sourceip" ? ["10.1.2.3"] : undefined),
};

const key = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const scope: CredentialScope = {
  accessKeyId: key.accessKeyId,
  date: "20261123",
  region: "us-east-1",
  service: "lambda",
};
const body = Buffer.alloc(1024, "a");

/** The verifier does its whole work before it finds out that the signature is another one. */
async function verification(): Promise<() => Promise<void>> {
  const authenticator = createSigV4Authenticator({
    credentials: {
      find: () => ({ ...key, principal: { kind: "root", account: "123456789012", arn: "a", userId: "123456789012" } }),
    },
    clock: () => Date.parse("2026-11-23T00:00:00Z"),
    region: "us-east-1",
  });
  const headers = {
    host: "127.0.0.1:4566",
    "x-amz-date": "20261123T000000Z",
    authorization: `AWS4-HMAC-SHA256 Credential=${key.accessKeyId}/20261123/us-east-1/lambda/aws4_request, SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`,
  };
  const head = {
    method: "POST",
    path: "/2015-03-31/functions/orders/invocations",
    query: "",
    headers,
    rawHeaders: Object.entries(headers).flat(),
  };
  return async () => {
    const authentication = await authenticator.authenticate(head, scope, "lambda");
    try {
      authentication(body);
    } catch {
      return;
    }
    throw new Error("a signature of zeros was taken");
  };
}

/** A client that has signed correctly before: each request has a signature of its own. */
async function verificationOfKnown(): Promise<() => Promise<void>> {
  const clock = Date.now;
  const path = "/2015-03-31/functions/orders/invocations";
  const sign = createSigner({ ...key, region: "us-east-1", host: "127.0.0.1:4566", path, payload: body.toString() });
  const heads = Array.from({ length: 500 }, () => {
    const lines = ["host: 127.0.0.1:4566", "content-type: application/json", ...sign().trim().split("\r\n")];
    const rawHeaders = lines.flatMap((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]);
    const headers = Object.fromEntries(lines.map((_, i) => [rawHeaders[2 * i]?.toLowerCase(), rawHeaders[2 * i + 1]]));
    return { method: "POST", path, query: "", headers, rawHeaders };
  });
  const principal = { kind: "root", account: "123456789012", arn: "a", userId: "123456789012" } as const;
  const credential = { ...key, principal };
  const authenticator = createSigV4Authenticator({
    credentials: { find: () => credential },
    clock,
    region: "us-east-1",
  });
  let next = 0;
  return async () => {
    const head = heads[(next += 1) % heads.length];
    if (head === undefined) throw new TypeError("there is no request");
    const claimed = authenticator.scopeOf(head.headers, "");
    (await authenticator.authenticate(head, claimed, "lambda"))(body);
  };
}

export async function auth(): Promise<void> {
  const policies = {
    small: compilePolicy(parsePolicy(small, "identity")),
    large: compilePolicy(parsePolicy(large, "identity")),
  };
  const verify = await verification();
  const verifyKnown = await verificationOfKnown();
  const work: Record<string, () => unknown> = {
    "hash and HMAC of 1 KiB (baseline)": () =>
      createHmac("sha256", "k")
        .update(hash("sha256", body, "hex"))
        .digest("hex"),
    "signature verified, body of 1 KiB": verify,
    "the same from a client that is known": verifyKnown,
    "decision, one statement": () => evaluate(request, { identity: [policies.small] }),
    "decision, 25 statements with conditions": () => evaluate(request, { identity: [policies.large] }),
    "the 25 statements parsed as JSON (baseline)": () => JSON.parse(large) as unknown,
  };
  const figures = new Map<string, number[]>(Object.keys(work).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(work)) {
      const startedAt = performance.now();
      for (let i = 0; i < times; i += 1) await run();
      if (round > 0) figures.get(name)?.push(((performance.now() - startedAt) * 1000) / times);
    }
  }
  const base = median(figures.get("hash and HMAC of 1 KiB (baseline)") ?? []);
  const rows = [...figures].map(([name, values]) => ({
    work: name,
    "median µs": median(values).toFixed(2),
    spread: spread(values, 2),
    ratio: (median(values) / base).toFixed(2),
  }));
  printTable(`Authentication and authorization: ${rounds - 1} interleaved rounds of ${times}`, rows);
  console.log(`\n${await saveResult("auth", Object.fromEntries(figures))}`);
}
