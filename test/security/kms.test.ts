/** Who may use a key: its policy, the callers' policies, and grants, over HTTP with signed requests. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@aws-sdk/client-kms";
import { account, makeUser, policy, refusal, startCloud, type Cloud } from "./cloud.ts";

const Plaintext = Buffer.from("a secret");
const arnOf = (user: string) => `arn:aws:iam::${account}:user/${user}`;

async function newKey(cloud: Cloud, Policy?: string): Promise<string> {
  const { KeyMetadata } = await cloud.kms().send(new aws.CreateKeyCommand({ ...(Policy && { Policy }) }));
  return KeyMetadata?.KeyId ?? "";
}

test("a key policy that leaves the account out leaves its users' policies out, and the root in", async (context) => {
  const cloud = await startCloud(context);
  const alice = cloud.kms(await makeUser(cloud, "alice", policy({ Action: "kms:*" })));
  const bob = cloud.kms(await makeUser(cloud, "bob"));
  const own = await newKey(cloud, policy({ Principal: { AWS: arnOf("bob") }, Action: "kms:Encrypt" }));
  const encrypt = new aws.EncryptCommand({ KeyId: own, Plaintext });
  assert.match(
    (await refusal(alice.send(encrypt))) ?? "",
    /AccessDeniedException: User: .*user\/alice is not authorized to perform: kms:Encrypt .* no resource-based policy allows/,
  );
  await bob.send(encrypt);
  await cloud.kms().send(encrypt);
  const usual = await newKey(cloud);
  await alice.send(new aws.EncryptCommand({ KeyId: usual, Plaintext }));
  assert.match((await refusal(bob.send(new aws.EncryptCommand({ KeyId: usual, Plaintext })))) ?? "", /identity-based/);
});

test("a grant gives its operations in its encryption context, until it is revoked; a denial wins", async (context) => {
  const cloud = await startCloud(context);
  const root = cloud.kms();
  const carol = cloud.kms(await makeUser(cloud, "carol"));
  const denied = cloud.kms(await makeUser(cloud, "dan", policy({ Effect: "Deny", Action: "kms:Decrypt" })));
  const KeyId = await newKey(cloud);
  const EncryptionContext = { app: "a", tenant: "1" };
  const { CiphertextBlob } = await root.send(new aws.EncryptCommand({ KeyId, Plaintext, EncryptionContext }));
  const open = new aws.DecryptCommand({ CiphertextBlob, EncryptionContext });
  assert.match((await refusal(carol.send(open))) ?? "", /AccessDeniedException/);

  const grant = (user: string, Constraints: aws.GrantConstraints, Operations: aws.GrantOperation[] = ["Decrypt"]) =>
    root.send(new aws.CreateGrantCommand({ KeyId, GranteePrincipal: arnOf(user), Operations, Constraints }));
  await grant("carol", { EncryptionContextSubset: { app: "b" } });
  await grant("carol", { EncryptionContextEquals: { app: "a" } });
  assert.match((await refusal(carol.send(open))) ?? "", /AccessDeniedException/, "another context");
  const { GrantId } = await grant("carol", { EncryptionContextSubset: { app: "a" } });
  assert.deepEqual(Buffer.from((await carol.send(open)).Plaintext ?? []), Plaintext);
  assert.match(
    (await refusal(carol.send(new aws.EncryptCommand({ KeyId, Plaintext, EncryptionContext })))) ?? "",
    /AccessDeniedException/,
    "another operation",
  );
  await grant("dan", {});
  assert.match((await refusal(denied.send(open))) ?? "", /explicit deny/);
  await root.send(new aws.RevokeGrantCommand({ KeyId, GrantId }));
  assert.match((await refusal(carol.send(open))) ?? "", /AccessDeniedException/);
});

test("who was granted CreateGrant hands on no more than it has; grants retire by whom they name", async (context) => {
  const cloud = await startCloud(context);
  const root = cloud.kms();
  const carol = cloud.kms(await makeUser(cloud, "carol"));
  const erin = cloud.kms(await makeUser(cloud, "erin"));
  const KeyId = await newKey(cloud);
  const Constraints = { EncryptionContextSubset: { app: "a" } };
  const first = await root.send(
    new aws.CreateGrantCommand({
      KeyId,
      GranteePrincipal: arnOf("carol"),
      Operations: ["CreateGrant", "Decrypt", "DescribeKey", "RetireGrant"],
      RetiringPrincipal: arnOf("erin"),
      Constraints,
    }),
  );
  const handOn = (Operations: aws.GrantOperation[], constraints?: aws.GrantConstraints) =>
    carol.send(
      new aws.CreateGrantCommand({ KeyId, GranteePrincipal: arnOf("erin"), Operations, Constraints: constraints }),
    );
  assert.match((await refusal(handOn(["Decrypt"]))) ?? "", /AccessDenied/, "without the constraint");
  assert.match((await refusal(handOn(["Decrypt", "Encrypt"], Constraints))) ?? "", /AccessDenied/, "more operations");
  const { GrantToken } = await handOn(["Decrypt", "RetireGrant"], {
    EncryptionContextEquals: { app: "a", tenant: "1" },
  });
  const EncryptionContext = { app: "a", tenant: "1" };
  const { CiphertextBlob } = await root.send(new aws.EncryptCommand({ KeyId, Plaintext, EncryptionContext }));
  await erin.send(new aws.DecryptCommand({ CiphertextBlob, EncryptionContext }));
  await carol.send(new aws.DescribeKeyCommand({ KeyId }));

  assert.match((await refusal(carol.send(new aws.RetireGrantCommand({ GrantToken })))) ?? "", /AccessDenied/);
  await erin.send(new aws.RetireGrantCommand({ GrantToken }));
  await erin.send(new aws.RetireGrantCommand({ KeyId, GrantId: first.GrantId }));
  assert.deepEqual((await root.send(new aws.ListGrantsCommand({ KeyId }))).Grants, []);
  assert.match((await refusal(carol.send(new aws.DescribeKeyCommand({ KeyId })))) ?? "", /AccessDenied/);
});
