/** Random requests, signed by AWS's own signers for JavaScript, Python and Go: what one of them signs is accepted. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { HttpRequest } from "@smithy/core/transport";
import * as fc from "fast-check";
import { createSigV4Authenticator, scopeOf } from "../../src/security/sigv4/index.ts";
import { sdkClients } from "../../tools/sdk-clients.ts";
import { run } from "../support/kiln.ts";
import { joined } from "./request-text.ts";

const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const sessionToken = "IQoJb3JpZ2luX2VjEXAMPLE//token+with=signs==";

const authenticator = createSigV4Authenticator({
  credentials: {
    find: (accessKeyId) =>
      accessKeyId === credentials.accessKeyId
        ? {
            ...credentials,
            principal: {
              kind: "user",
              account: "123456789012",
              arn: "arn:aws:iam::123456789012:user/a",
              userId: "AIDA",
            },
          }
        : undefined,
  },
  clock: Date.now,
  region: "us-east-1",
});

interface Wanted {
  method: string;
  url: string;
  headers: [string, string][];
  /** Base64 */
  body: string;
  presign: boolean;
}

interface Sent {
  url: string;
  headers: [string, string][];
}

/** As the SDKs encode: everything but letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
// What no signer would be given: a segment that its own client would take away.
const segment = text.filter((part) => !/^\.+$/.test(part)).map(encode);
// A parameter of that name is lost by the SDK for JavaScript.
const query = fc.array(
  fc.tuple(
    text.filter((name) => name !== "__proto__"),
    fc.string({ unit: "grapheme", maxLength: 8 }),
  ),
  { maxLength: 4 },
);
const headerValue = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);

const wantedRequest: fc.Arbitrary<Wanted> = fc
  .record({
    method: fc.constantFrom("GET", "POST", "PUT", "DELETE"),
    path: fc.array(segment, { maxLength: 4 }),
    query: fc.uniqueArray(query, { maxLength: 1 }).map(([parameters = []]) => new Map(parameters)),
    clientContext: fc.option(headerValue),
    body: fc.uint8Array({ maxLength: 64 }),
    presign: fc.boolean(),
  })
  .map(({ method, path, query: parameters, clientContext, body, presign }) => {
    const pairs = [...parameters].map(([name, value]) => `${encode(name)}=${encode(value)}`);
    const presigned = presign && method === "GET";
    return {
      method,
      url: `https://lambda.eu-central-1.amazonaws.com/${path.join("/")}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`,
      headers: clientContext === null || presigned ? [] : [["X-Amz-Client-Context", clientContext]],
      body: Buffer.from(method === "GET" ? [] : body).toString("base64"),
      presign: presigned,
    };
  });

const requests = fc.array(wantedRequest, { minLength: 150, maxLength: 150 });

async function accepted(
  wanted: Wanted,
  sent: Sent,
  change: (request: { method: string; path: string }) => void = () => {},
) {
  const { pathname, search, host } = rawUrl(sent.url);
  const rawHeaders = sent.headers.flatMap(([name, value]) => (name.toLowerCase() === "host" ? [] : [name, value]));
  const body = Buffer.from(wanted.body, "base64");
  rawHeaders.push("Host", host);
  if (!sent.headers.some(([name]) => name.toLowerCase() === "content-length")) {
    rawHeaders.push("Content-Length", String(body.length));
  }
  const head = { method: wanted.method, path: pathname, query: search, headers: joined(rawHeaders), rawHeaders };
  change(head);
  const caller = await authenticator.authenticate(head, scopeOf(head.headers, head.query), "lambda");
  return caller(body);
}

/** Not `URL`, which would change what was signed. */
function rawUrl(url: string): { pathname: string; search: string; host: string } {
  const [, host = "", pathname = "", search = ""] = /^https:\/\/([^/?]+)([^?]*)\??(.*)$/s.exec(url) ?? [];
  return { host, pathname: pathname === "" ? "/" : pathname, search };
}

async function checkAll(context: TestContext, sign: (wanted: Wanted[], token?: string) => Promise<Sent[]>) {
  for (const token of [undefined, sessionToken]) {
    const [wanted = []] = fc.sample(requests, 1);
    const sent = await sign(wanted, token);
    assert.equal(sent.length, wanted.length);
    for (const [i, one] of wanted.entries()) {
      const request = sent[i] ?? assert.fail();
      const told = JSON.stringify({ wanted: one, sent: request });
      const caller = await accepted(one, request).catch((error: unknown) => assert.fail(`${String(error)}: ${told}`));
      assert.equal(caller.arn, "arn:aws:iam::123456789012:user/a", told);
      await assert.rejects(
        accepted(one, request, (head) => (head.path += "x")),
        { code: "InvalidSignatureException" },
        told,
      );
    }
    context.diagnostic(`${sent.length} requests, ${wanted.filter(({ presign }) => presign).length} of them presigned`);
  }
}

test("the SDK for JavaScript", async (context) => {
  await checkAll(context, async (wanted, token) => {
    const keys = token === undefined ? credentials : { ...credentials, sessionToken: token };
    const client = new LambdaClient({ region: "eu-central-1", credentials: keys });
    const signer = await client.config.signer({
      signingRegion: "eu-central-1",
      signingName: "lambda",
      name: "sigv4",
      properties: {},
    });
    const sent: Sent[] = [];
    for (const { method, url, headers, body, presign } of wanted) {
      const { host, pathname, search } = rawUrl(url);
      const request = new HttpRequest({
        method,
        protocol: "https:",
        hostname: host,
        path: pathname,
        query: Object.fromEntries(new URLSearchParams(search)),
        headers: { host, ...Object.fromEntries(headers) },
        body: Buffer.from(body, "base64"),
      });
      const options = { signingRegion: "eu-central-1", signingService: "lambda" };
      const signed =
        presign && "presign" in signer
          ? await (signer as unknown as Presigner).presign(request, { ...options, expiresIn: 900 })
          : await signer.sign(request, options);
      const parameters = Object.entries(signed.query as Record<string, string>).map(
        ([name, value]) => `${encode(name)}=${encode(value)}`,
      );
      sent.push({
        url: `https://${host}${signed.path}${parameters.length > 0 ? `?${parameters.join("&")}` : ""}`,
        headers: Object.entries(signed.headers),
      });
    }
    client.destroy();
    return sent;
  });
});

interface Presigner {
  presign(request: HttpRequest, options: Record<string, unknown>): Promise<HttpRequest>;
}

for (const sdk of sdkClients) {
  const { name, signing } = sdk;
  if (signing === undefined) continue;
  test(`the SDK for ${name === "boto3" ? "Python" : "Go"}`, { timeout: 300_000 }, async (context) => {
    const reason = await sdk.absent();
    if (reason !== undefined) return context.skip(`${name}: ${reason}`);
    const [program = "", ...parameters] = signing(await sdk.prepare());
    await checkAll(context, async (wanted, token) => {
      const asked = { ...credentials, ...(token === undefined ? {} : { sessionToken: token }), requests: wanted };
      const finished = await run(program, parameters, {}, JSON.stringify(asked));
      assert.equal(finished.status, 0, finished.stderr);
      return JSON.parse(finished.stdout) as Sent[];
    });
    return undefined;
  });
}
