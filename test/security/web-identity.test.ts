/** Tokens of an OpenID Connect issuer, signed with its key, for sessions of roles. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from "jose";
import type { InvokeRequest } from "../../src/invoke/contract.ts";
import type { LambdaDependencies } from "../../src/services/lambda/dependencies.ts";
import { invoke } from "../../src/services/lambda/invoke.ts";
import { account, refusal, startCloud, trust } from "./cloud.ts";

interface Issuer {
  readonly url: string;
  /** As policies name it. */
  readonly provider: string;
  token(claims?: Record<string, unknown>, key?: CryptoKey): Promise<string>;
}

async function startIssuer(context: TestContext): Promise<Issuer> {
  const pair = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: "k1", alg: "ES256" };
  const server = createServer((request, response) => {
    const body = request.url === "/keys" ? { keys: [jwk] } : { issuer: url, jwks_uri: `${url}/keys` };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    provider: url.replace("http://", ""),
    token: (claims = {}, key = pair.privateKey) =>
      new SignJWT({ iss: url, sub: "repo:a/b", aud: "kiln", exp: Math.floor(Date.now() / 1000) + 300, ...claims })
        .setProtectedHeader({ alg: "ES256", kid: "k1" })
        .sign(key),
  };
}

test("a role is taken with a token that its trust policy names, without any key", async (context) => {
  const issuer = await startIssuer(context);
  const cloud = await startCloud(context, [{ url: issuer.url, audiences: ["kiln", "other"] }]);
  const RoleArn = `arn:aws:iam::${account}:role/ci`;
  await cloud.iam().send(
    new iam.CreateRoleCommand({
      RoleName: "ci",
      AssumeRolePolicyDocument: trust(
        { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer.provider}` },
        {
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: { [`${issuer.provider}:aud`]: "kiln" },
            StringLike: { [`${issuer.provider}:sub`]: "repo:a/*" },
          },
        },
      ),
    }),
  );
  const take = (WebIdentityToken: string, more: Partial<sts.AssumeRoleWithWebIdentityCommandInput> = {}) =>
    cloud
      .sts({ accessKeyId: "none", secretAccessKey: "none" })
      .send(new sts.AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: "job", WebIdentityToken, ...more }));

  const taken = await take(await issuer.token());
  assert.deepEqual(
    [taken.SubjectFromWebIdentityToken, taken.Audience, taken.Provider],
    ["repo:a/b", "kiln", issuer.provider],
  );
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = taken.Credentials ?? {};
  const keys = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const { Arn } = await cloud.sts(keys).send(new sts.GetCallerIdentityCommand({}));
  assert.equal(Arn, `arn:aws:sts::${account}:assumed-role/ci/job`);

  const denied = "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity";
  assert.equal(await refusal(take(await issuer.token({ sub: "repo:evil/b" }))), denied);
  assert.equal(await refusal(take(await issuer.token({ aud: "other" }))), denied);
  assert.equal(await refusal(take(await issuer.token(), { RoleArn: `${RoleArn}2` })), denied);
  assert.match((await refusal(take(await issuer.token({ aud: "nobody" })))) ?? "", /^InvalidIdentityToken/);
  assert.match(
    (await refusal(take(await issuer.token({ iss: "https://evil.example" })))) ?? "",
    /^InvalidIdentityToken/,
  );
  assert.match((await refusal(take(await issuer.token({ exp: 1 })))) ?? "", /^ExpiredToken/);
  const stranger = await generateKeyPair("ES256");
  assert.match((await refusal(take(await issuer.token({}, stranger.privateKey)))) ?? "", /^InvalidIdentityToken/);
  const unsigned = new UnsecuredJWT({ iss: issuer.url, sub: "repo:a/b", aud: "kiln" }).setExpirationTime("5m").encode();
  assert.match((await refusal(take(unsigned))) ?? "", /^InvalidIdentityToken/);
  assert.match((await refusal(take("abc.def.ghi"))) ?? "", /^InvalidIdentityToken/);
});

test("a function learns which identity of a Cognito identity pool calls it, of nothing but the credentials", async (context) => {
  const issuer = await startIssuer(context);
  // Its keys are at a fixed place of AWS's.
  const cognito = "https://cognito-identity.amazonaws.com";
  const fetchReal = globalThis.fetch;
  context.mock.method(globalThis, "fetch", async (input: URL | string, init?: RequestInit) => {
    const { origin, pathname } = new URL(input);
    if (origin !== cognito) return fetchReal(input, init);
    if (pathname === "/keys") return fetchReal(`${issuer.url}/keys`);
    return Response.json({ issuer: cognito, jwks_uri: `${cognito}/keys` });
  });
  const calls: InvokeRequest[] = [];
  const invoker = {
    invoke(request: InvokeRequest) {
      calls.push(request);
      return Promise.resolve({ payload: Buffer.from("null"), executedVersion: "$LATEST" });
    },
  };
  const pool = "us-east-1:pool";
  const issuers = [cognito, issuer.url].map((url) => ({ url, audiences: [pool] }));
  const cloud = await startCloud(context, issuers, undefined, {
    Invoke: (input, context) => invoke({ invoker } as unknown as LambdaDependencies)(input as never, context),
  });
  const federated = [cognito, issuer.url].map((url) => `arn:aws:iam::${account}:oidc-provider/${new URL(url).host}`);
  const action = { Action: "sts:AssumeRoleWithWebIdentity" };
  await cloud
    .iam()
    .send(
      new iam.CreateRoleCommand({ RoleName: "app", AssumeRolePolicyDocument: trust({ Federated: federated }, action) }),
    );
  const PolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: "*" }],
  });
  await cloud.iam().send(new iam.PutRolePolicyCommand({ RoleName: "app", PolicyName: "p", PolicyDocument }));
  const ClientContext = Buffer.from('{"cognitoIdentityId":"forged"}').toString("base64");
  const identityFor = async (iss: string): Promise<unknown> => {
    const taken = await cloud.sts({ accessKeyId: "none", secretAccessKey: "none" }).send(
      new sts.AssumeRoleWithWebIdentityCommand({
        RoleArn: `arn:aws:iam::${account}:role/app`,
        RoleSessionName: "CognitoIdentityCredentials",
        WebIdentityToken: await issuer.token({ iss, aud: pool, sub: "us-east-1:identity" }),
      }),
    );
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = taken.Credentials ?? {};
    const keys = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    await cloud.lambda(keys).send(new InvokeCommand({ FunctionName: "f", ClientContext }));
    const told = calls.at(-1)?.cognitoIdentity;
    return told === undefined ? undefined : (JSON.parse(told) as unknown);
  };
  assert.deepEqual(await identityFor(cognito), {
    cognitoIdentityId: "us-east-1:identity",
    cognitoIdentityPoolId: pool,
  });
  assert.equal(await identityFor(issuer.url), undefined);
  await cloud.lambda().send(new InvokeCommand({ FunctionName: "f", ClientContext }));
  assert.equal(calls.length, 3);
  assert.equal(calls[2]?.cognitoIdentity, undefined);
});

test("an issuer that does not answer is told as such", async (context) => {
  const url = "http://127.0.0.1:9";
  const cloud = await startCloud(context, [{ url, audiences: ["kiln"] }]);
  const issuer = await startIssuer(context);
  const command = new sts.AssumeRoleWithWebIdentityCommand({
    RoleArn: `arn:aws:iam::${account}:role/ci`,
    RoleSessionName: "job",
    WebIdentityToken: await issuer.token({ iss: url }),
  });
  assert.match((await refusal(cloud.sts().send(command))) ?? "", /^IDPCommunicationError/);
});
