/** Users and roles in policies are those who were meant when the policy was written, and nobody who has their names later. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as sts from "@aws-sdk/client-sts";
import { account, makeUser, policy, refusal, startCloud, trust, type Cloud, type Keys } from "./cloud.ts";

const arnOf = (name: string) => `arn:aws:iam::${account}:${name}`;

const document = (...statements: unknown[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });

async function makeRole(cloud: Cloud, RoleName: string, AssumeRolePolicyDocument: string): Promise<string> {
  const { Role } = await cloud.iam().send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  return Role?.RoleId ?? "";
}

async function deleteUser(cloud: Cloud, UserName: string, { accessKeyId: AccessKeyId }: Keys): Promise<void> {
  const client = cloud.iam();
  await client.send(new iam.DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  const { PolicyNames = [] } = await client.send(new iam.ListUserPoliciesCommand({ UserName }));
  for (const PolicyName of PolicyNames) await client.send(new iam.DeleteUserPolicyCommand({ UserName, PolicyName }));
  await client.send(new iam.DeleteUserCommand({ UserName }));
}

async function sessionOf(cloud: Cloud, RoleName: string, keys?: Keys, RoleSessionName = "run-1"): Promise<Keys> {
  const RoleArn = arnOf(`role/${RoleName}`);
  const { Credentials } = await cloud.sts(keys).send(new sts.AssumeRoleCommand({ RoleArn, RoleSessionName }));
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

async function trustOf(cloud: Cloud, RoleName: string): Promise<unknown> {
  const client = cloud.iam();
  const { Role } = await client.send(new iam.GetRoleCommand({ RoleName }));
  const { Roles = [] } = await client.send(new iam.ListRolesCommand({}));
  const listed = Roles.find((role) => role.RoleName === RoleName);
  assert.equal(listed?.AssumeRolePolicyDocument, Role?.AssumeRolePolicyDocument);
  const document = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")) as {
    Statement: { Principal: { AWS: unknown } }[];
  };
  return document.Statement[0]?.Principal.AWS;
}

async function userIdOf(cloud: Cloud, UserName: string): Promise<string> {
  const { User } = await cloud.iam().send(new iam.GetUserCommand({ UserName }));
  return User?.UserId ?? "";
}

test("whoever is made anew under the name of a user that a role trusted is not trusted", async (context) => {
  const cloud = await startCloud(context);
  const assume = policy({ Action: "sts:AssumeRole" });
  const alice = await makeUser(cloud, "alice", assume);
  const aliceId = await userIdOf(cloud, "alice");
  await makeRole(cloud, "deploy", trust({ AWS: [arnOf("user/alice"), account] }));
  await makeRole(cloud, "only", trust({ AWS: arnOf("user/alice") }));
  assert.deepEqual(await trustOf(cloud, "deploy"), [arnOf("user/alice"), account]);
  assert.equal(await trustOf(cloud, "only"), arnOf("user/alice"));
  await sessionOf(cloud, "only", alice);

  await deleteUser(cloud, "alice", alice);
  assert.equal(await trustOf(cloud, "only"), aliceId, "her id, since she is gone");
  const again = await makeUser(cloud, "alice", assume);
  assert.equal(await trustOf(cloud, "only"), aliceId, "another one");
  assert.match((await refusal(sessionOf(cloud, "only", again))) ?? "", /^AccessDenied: .*sts:AssumeRole/);
  await sessionOf(cloud, "deploy", again);

  const client = cloud.iam();
  const put = (name: string) =>
    client.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName: "only", PolicyDocument: trust({ AWS: name }) }));
  assert.equal(
    await refusal(put(aliceId)),
    `MalformedPolicyDocumentException: Invalid principal in policy: "AWS":"${aliceId}"`,
    "nobody can be meant by the id of who is gone",
  );
  await put(arnOf("user/alice"));
  await sessionOf(cloud, "only", again);
  await put(await userIdOf(cloud, "alice"));
  assert.equal(await trustOf(cloud, "only"), arnOf("user/alice"));
});

test("a name that nobody has is refused when a role is made or changed", async (context) => {
  const cloud = await startCloud(context);
  const client = cloud.iam();
  await makeUser(cloud, "alice");
  await makeRole(cloud, "there", trust({ AWS: account }));
  const nobodies = [
    arnOf("user/bob"),
    arnOf("user/ALICE"),
    arnOf("user/team/alice"),
    arnOf("role/alice"),
    arnOf("role/new"),
    "arn:aws:iam::210987654321:user/alice",
    `arn:aws:sts::${account}:assumed-role/gone/s1`,
    "AIDAAAAAAAAAAAAAAAAAA",
    "AROAAAAAAAAAAAAAAAAAA:s1",
  ];
  for (const name of nobodies) {
    const said = `MalformedPolicyDocumentException: Invalid principal in policy: "AWS":"${name}"`;
    assert.equal(await refusal(makeRole(cloud, "new", trust({ AWS: [arnOf("user/alice"), name] }))), said);
    const change = { RoleName: "there", PolicyDocument: trust({ AWS: name }) };
    assert.equal(await refusal(client.send(new iam.UpdateAssumeRolePolicyCommand(change))), said);
  }
  assert.equal(await trustOf(cloud, "there"), account, "nothing has changed");
});

test("a session that is named is one of the role that was meant", async (context) => {
  const cloud = await startCloud(context);
  const may = policy({ Action: "sts:AssumeRole" });
  const client = cloud.iam();
  const makeCi = async () => {
    await makeRole(cloud, "ci", trust({ AWS: account }));
    await client.send(new iam.PutRolePolicyCommand({ RoleName: "ci", PolicyName: "p", PolicyDocument: may }));
  };
  const caller = await makeUser(cloud, "caller", may);
  await makeCi();
  const session = `arn:aws:sts::${account}:assumed-role/ci/run-1`;
  await makeRole(cloud, "deploy", trust({ AWS: session }));
  assert.equal(await trustOf(cloud, "deploy"), session);
  await sessionOf(cloud, "deploy", await sessionOf(cloud, "ci", caller));
  assert.match(
    (await refusal(sessionOf(cloud, "deploy", await sessionOf(cloud, "ci", caller, "run-2")))) ?? "",
    /^AccessDenied/,
    "another session of the role",
  );

  await client.send(new iam.DeleteRolePolicyCommand({ RoleName: "ci", PolicyName: "p" }));
  await client.send(new iam.DeleteRoleCommand({ RoleName: "ci" }));
  assert.match(String(await trustOf(cloud, "deploy")), /^AROA[A-Z0-9]+:run-1$/);
  await makeCi();
  assert.match(
    (await refusal(sessionOf(cloud, "deploy", await sessionOf(cloud, "ci", caller)))) ?? "",
    /^AccessDenied/,
  );
});

test("key policies: a denial and a permission are of the role that was meant", async (context) => {
  const cloud = await startCloud(context);
  const client = cloud.iam();
  const all = policy({ Action: "kms:*" });
  const caller = await makeUser(cloud, "caller", policy({ Action: "sts:AssumeRole" }));
  const remake = async (RoleName: string) => {
    const id = await makeRole(cloud, RoleName, trust({ AWS: account }));
    await client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: "p", PolicyDocument: all }));
    return id;
  };
  const remove = async (RoleName: string) => {
    await client.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: "p" }));
    await client.send(new iam.DeleteRoleCommand({ RoleName }));
  };
  const ids = { kept: await remake("kept"), out: await remake("out") };
  const root = { Effect: "Allow", Principal: { AWS: arnOf("root") }, Action: "kms:*", Resource: "*" };
  const deny = { ...root, Effect: "Deny", Principal: { AWS: arnOf("role/out") }, Action: "kms:Encrypt" };
  const keys = cloud.kms();
  const { KeyMetadata } = await keys.send(new kms.CreateKeyCommand({ Policy: document(root, deny) }));
  const KeyId = KeyMetadata?.KeyId ?? "";
  const encrypt = async (RoleName: string) =>
    refusal(
      cloud
        .kms(await sessionOf(cloud, RoleName, caller))
        .send(new kms.EncryptCommand({ KeyId, Plaintext: Buffer.from("m") })),
    );
  const shown = async () => (await keys.send(new kms.GetKeyPolicyCommand({ KeyId, PolicyName: "default" }))).Policy;
  assert.equal(await shown(), document(root, deny));
  assert.match((await encrypt("out")) ?? "", /explicit deny in a resource-based policy/);
  assert.equal(await encrypt("kept"), undefined);
  await remove("out");
  await remake("out");
  assert.match((await shown()) ?? "", new RegExp(`"AWS":"${ids.out}"`));
  assert.equal(await encrypt("out"), undefined, "who has the name now was never denied anything");

  // Everybody but one: it is the one, and not the name, that is let off.
  const others = { Effect: "Deny", NotPrincipal: { AWS: [arnOf("role/kept"), arnOf("root")] }, Action: "kms:Encrypt" };
  await keys.send(new kms.PutKeyPolicyCommand({ KeyId, Policy: document(root, { ...others, Resource: "*" }) }));
  assert.equal(await encrypt("kept"), undefined);
  await remove("kept");
  await remake("kept");
  assert.match((await encrypt("kept")) ?? "", /explicit deny/);

  const named = document(root, { ...root, Principal: { AWS: arnOf("role/nobody") } });
  const said = "MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.";
  assert.equal(await refusal(keys.send(new kms.PutKeyPolicyCommand({ KeyId, Policy: named }))), said);
  assert.equal(await refusal(keys.send(new kms.CreateKeyCommand({ Policy: named }))), said);
});

test("a grant is for the very user and retired by the very user that it names", async (context) => {
  const cloud = await startCloud(context);
  const keys = cloud.kms();
  const { KeyMetadata } = await keys.send(new kms.CreateKeyCommand({}));
  const KeyId = KeyMetadata?.KeyId ?? "";
  const alice = await makeUser(cloud, "alice");
  const id = await userIdOf(cloud, "alice");
  const wanted = {
    KeyId,
    GranteePrincipal: arnOf("user/alice"),
    RetiringPrincipal: arnOf("user/alice"),
    Operations: ["Encrypt" as const],
  };
  const { GrantId } = await keys.send(new kms.CreateGrantCommand(wanted));
  const { GrantId: same } = await keys.send(new kms.CreateGrantCommand({ ...wanted, Name: "n" }));
  const { GrantId: repeated } = await keys.send(new kms.CreateGrantCommand({ ...wanted, Name: "n" }));
  assert.equal(repeated, same);
  assert.notEqual(same, GrantId);
  const encrypt = (who: Keys) =>
    refusal(cloud.kms(who).send(new kms.EncryptCommand({ KeyId, Plaintext: Buffer.from("m") })));
  const listed = async () => {
    const { Grants = [] } = await keys.send(new kms.ListGrantsCommand({ KeyId }));
    return Grants.find((grant) => grant.GrantId === GrantId);
  };
  const retirable = async (RetiringPrincipal: string) =>
    (await keys.send(new kms.ListRetirableGrantsCommand({ RetiringPrincipal }))).Grants?.length;
  assert.equal(await encrypt(alice), undefined);
  assert.equal((await listed())?.GranteePrincipal, arnOf("user/alice"));
  assert.equal(await retirable(arnOf("user/alice")), 2);

  await deleteUser(cloud, "alice", alice);
  const again = await makeUser(cloud, "alice");
  const entry = await listed();
  assert.deepEqual([entry?.GranteePrincipal, entry?.RetiringPrincipal], [id, id]);
  assert.match((await encrypt(again)) ?? "", /^AccessDeniedException/);
  assert.match(
    (await refusal(cloud.kms(again).send(new kms.RetireGrantCommand({ KeyId: KeyMetadata?.Arn, GrantId })))) ?? "",
    /^AccessDeniedException/,
  );
  assert.equal(await retirable(arnOf("user/alice")), 0);

  for (const name of [arnOf("user/nobody"), arnOf("group/admins"), "sns.amazonaws.com"]) {
    const said = `InvalidArnException: ARN does not refer to a valid principal: ${name}`;
    assert.equal(await refusal(keys.send(new kms.CreateGrantCommand({ ...wanted, GranteePrincipal: name }))), said);
    assert.equal(await refusal(keys.send(new kms.CreateGrantCommand({ ...wanted, RetiringPrincipal: name }))), said);
  }
});
