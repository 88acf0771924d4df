/** Tokens of an OpenID Connect issuer, signed with its key, for sessions of roles. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from "jose";
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
