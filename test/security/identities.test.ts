/** Users, groups, roles and policies through the unmodified clients of IAM and STS, and what they may then do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as sts from "@aws-sdk/client-sts";
import { account, policy, refusal, startCloud, trust, type Cloud, type Keys } from "./cloud.ts";

async function user(cloud: Cloud, UserName: string, document?: string): Promise<Keys> {
  const client = cloud.iam();
  await client.send(new iam.CreateUserCommand({ UserName }));
  if (document !== undefined) {
    await client.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: "p", PolicyDocument: document }));
  }
  const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
}

const get = (name = "f") => new lambda.GetFunctionCommand({ FunctionName: name });
const arn = (name: string) => `arn:aws:lambda:us-east-1:${account}:function:${name}`;

test("a user may what its policies say, from one call to the next", async (context) => {
  const cloud = await startCloud(context);
  const keys = await user(cloud, "alice");
  const alice = cloud.lambda(keys);
  assert.equal(
    await refusal(alice.send(get())),
    `AccessDeniedException: User: arn:aws:iam::${account}:user/alice is not authorized to perform: lambda:GetFunction on resource: ${arn("f")} because no identity-based policy allows the lambda:GetFunction action`,
  );
  const client = cloud.iam();
  const put = (PolicyDocument: string) =>
    client.send(new iam.PutUserPolicyCommand({ UserName: "alice", PolicyName: "p", PolicyDocument }));
  await put(policy({ Action: "lambda:GetFunction", Resource: arn("${aws:username}-*") }));
  assert.equal(await refusal(alice.send(get("alice-1"))), undefined);
  assert.match((await refusal(alice.send(get("bob-1")))) ?? "", /AccessDenied/);
  await put(policy({ Action: "lambda:*" }, { Effect: "Deny", Action: "lambda:Get*" }));
  assert.match((await refusal(alice.send(get()))) ?? "", /with an explicit deny in an identity-based policy$/);
  await client.send(new iam.DeleteUserPolicyCommand({ UserName: "alice", PolicyName: "p" }));

  await client.send(new iam.CreateGroupCommand({ GroupName: "readers" }));
  await client.send(
    new iam.AttachGroupPolicyCommand({
      GroupName: "readers",
      PolicyArn: "arn:aws:iam::aws:policy/AWSLambda_ReadOnlyAccess",
    }),
  );
  await client.send(new iam.AddUserToGroupCommand({ GroupName: "readers", UserName: "alice" }));
  assert.equal(await refusal(alice.send(get())), undefined);
  assert.match(
    (await refusal(alice.send(new lambda.DeleteFunctionCommand({ FunctionName: "f" })))) ?? "",
    /AccessDenied/,
  );

  const { Policy } = await client.send(
    new iam.CreatePolicyCommand({ PolicyName: "bound", PolicyDocument: policy({ Action: "logs:*" }) }),
  );
  await client.send(
    new iam.PutUserPermissionsBoundaryCommand({ UserName: "alice", PermissionsBoundary: Policy?.Arn ?? "" }),
  );
  assert.match((await refusal(alice.send(get()))) ?? "", /because no permissions boundary allows/);
  const version = { PolicyArn: Policy?.Arn ?? "", PolicyDocument: policy({ Action: "lambda:*" }), SetAsDefault: true };
  await client.send(new iam.CreatePolicyVersionCommand(version));
  assert.equal(await refusal(alice.send(get())), undefined);

  const key = { UserName: "alice", AccessKeyId: keys.accessKeyId };
  await client.send(new iam.UpdateAccessKeyCommand({ ...key, Status: "Inactive" }));
  assert.match((await refusal(alice.send(get()))) ?? "", /^UnrecognizedClientException/);
  await client.send(new iam.UpdateAccessKeyCommand({ ...key, Status: "Active" }));
  assert.equal(await refusal(alice.send(get())), undefined);
  await client.send(new iam.DeleteAccessKeyCommand(key));
  assert.match((await refusal(alice.send(get()))) ?? "", /^UnrecognizedClientException/);
});

test("a role is taken by whom it trusts, for as long as it says, and its sessions die with it", async (context) => {
  const cloud = await startCloud(context);
  const alice = await user(cloud, "alice", policy({ Action: "sts:AssumeRole" }));
  const bob = await user(cloud, "bob");
  const client = cloud.iam();
  const RoleArn = `arn:aws:iam::${account}:role/ci/deploy`;
  const denied = (name: string) =>
    `AccessDenied: User: arn:aws:iam::${account}:user/${name} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`;
  const assume = (keys: Keys, more: Partial<sts.AssumeRoleCommandInput> = {}) =>
    cloud.sts(keys).send(new sts.AssumeRoleCommand({ RoleArn, RoleSessionName: "run-1", ...more }));
  assert.equal(await refusal(assume(alice)), denied("alice"));
  await client.send(
    new iam.CreateRoleCommand({
      RoleName: "deploy",
      Path: "/ci/",
      AssumeRolePolicyDocument: trust({ AWS: account }, { Condition: { StringEquals: { "sts:ExternalId": "x1" } } }),
    }),
  );
  await client.send(
    new iam.PutRolePolicyCommand({
      RoleName: "deploy",
      PolicyName: "p",
      PolicyDocument: policy({ Action: "lambda:*" }),
    }),
  );
  assert.equal(await refusal(assume(alice)), denied("alice"), "without the external id");
  assert.equal(await refusal(assume(bob, { ExternalId: "x1" })), denied("bob"), "without a policy of its own");
  assert.match(
    (await refusal(assume(alice, { ExternalId: "x1", DurationSeconds: 7200 }))) ?? "",
    /^ValidationError: .*exceeds the MaxSessionDuration/,
  );

  const { Credentials, AssumedRoleUser } = await assume(alice, { ExternalId: "x1", DurationSeconds: 900 });
  const session: Keys = {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
  assert.match(session.accessKeyId, /^ASIA/);
  const who = await cloud.sts(session).send(new sts.GetCallerIdentityCommand({}));
  assert.deepEqual(
    [who.Arn, who.Account, who.UserId],
    [`arn:aws:sts::${account}:assumed-role/deploy/run-1`, account, AssumedRoleUser?.AssumedRoleId],
  );
  assert.equal(await refusal(cloud.lambda(session).send(get())), undefined);
  assert.match(
    (await refusal(cloud.iam(session).send(new iam.ListUsersCommand({})))) ?? "",
    /^AccessDenied: .*assumed-role\/deploy\/run-1 is not authorized to perform: iam:ListUsers/,
  );
  const { sessionToken: _none, ...bare } = session;
  assert.match((await refusal(cloud.lambda(bare).send(get()))) ?? "", /^UnrecognizedClientException/);
  const other = await assume(alice, { ExternalId: "x1" });
  const mixed = { ...session, sessionToken: other.Credentials?.SessionToken ?? "" };
  assert.match((await refusal(cloud.lambda(mixed).send(get()))) ?? "", /^UnrecognizedClientException/);

  const narrow = await assume(alice, { ExternalId: "x1", Policy: policy({ Action: "lambda:ListFunctions" }) });
  const narrowed = cloud.lambda({
    accessKeyId: narrow.Credentials?.AccessKeyId ?? "",
    secretAccessKey: narrow.Credentials?.SecretAccessKey ?? "",
    sessionToken: narrow.Credentials?.SessionToken ?? "",
  });
  assert.equal(await refusal(narrowed.send(new lambda.ListFunctionsCommand({}))), undefined);
  assert.match((await refusal(narrowed.send(get()))) ?? "", /because no session policy allows/);

  cloud.clock.offset = 901_000;
  assert.match((await refusal(cloud.lambda(session).send(get()))) ?? "", /^ExpiredTokenException/);
  cloud.clock.offset = 0;
  await client.send(new iam.DeleteRolePolicyCommand({ RoleName: "deploy", PolicyName: "p" }));
  await client.send(new iam.DeleteRoleCommand({ RoleName: "deploy" }));
  await client.send(
    new iam.CreateRoleCommand({ RoleName: "deploy", Path: "/ci/", AssumeRolePolicyDocument: trust({ AWS: account }) }),
  );
  assert.match(
    (await refusal(cloud.lambda(session).send(get()))) ?? "",
    /^UnrecognizedClientException/,
    "another role of the same name",
  );
});

test("session tokens of users are the user, and the root of an account takes no roles", async (context) => {
  const cloud = await startCloud(context);
  const alice = await user(cloud, "alice", policy({ Action: "lambda:*" }));
  const { Credentials } = await cloud.sts(alice).send(new sts.GetSessionTokenCommand({ DurationSeconds: 900 }));
  const session = {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
  assert.equal(await refusal(cloud.lambda(session).send(get())), undefined);
  assert.equal(
    (await cloud.sts(session).send(new sts.GetCallerIdentityCommand({}))).Arn,
    `arn:aws:iam::${account}:user/alice`,
  );
  assert.match(
    (await refusal(cloud.sts(session).send(new sts.GetSessionTokenCommand({})))) ?? "",
    /^AccessDenied: Cannot call GetSessionToken with session credentials/,
  );
  await cloud
    .iam()
    .send(new iam.CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: trust({ AWS: account }) }));
  assert.match(
    (await refusal(
      cloud.sts().send(new sts.AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/r`, RoleSessionName: "s1" })),
    )) ?? "",
    /^AccessDenied: Roles may not be assumed by root accounts/,
  );
  assert.equal(
    (await cloud.sts().send(new sts.GetAccessKeyInfoCommand({ AccessKeyId: alice.accessKeyId }))).Account,
    account,
  );
});

test("who creates a function has to be allowed to pass its role", async (context) => {
  const cloud = await startCloud(context);
  const Role = `arn:aws:iam::${account}:role/exec`;
  const create = new lambda.CreateFunctionCommand({ FunctionName: "f", Role, Code: { ZipFile: Buffer.from("x") } });
  const keys = await user(cloud, "alice", policy({ Action: "lambda:*" }));
  assert.match(
    (await refusal(cloud.lambda(keys).send(create))) ?? "",
    /not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role\/exec/,
  );
  const pass = {
    Action: "iam:PassRole",
    Resource: Role,
    Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
  };
  const other = await user(cloud, "bob", policy({ Action: "lambda:*" }, pass));
  assert.equal(await refusal(cloud.lambda(other).send(create)), undefined);
});

test("the policy of a function lets in whom it names, and keeps out whom it denies", async (context) => {
  const cloud = await startCloud(context);
  const keys = await user(cloud, "alice");
  const invoke = (name: string) =>
    cloud.lambda(keys).send(new lambda.InvokeCommand({ FunctionName: name, Qualifier: "live" }));
  const statement = (Effect: string, name: string) =>
    JSON.stringify({
      Statement: {
        Effect,
        Principal: { AWS: `arn:aws:iam::${account}:user/alice` },
        Action: "lambda:InvokeFunction",
        Resource: `${arn(name)}:live`,
      },
    });
  cloud.policies.set(`${arn("open")}:live`, statement("Allow", "open"));
  cloud.policies.set(`${arn("shut")}:live`, statement("Deny", "shut"));
  cloud.policies.set(`${arn("odd")}:live`, "{}");
  assert.equal(await refusal(invoke("open")), undefined);
  assert.match((await refusal(invoke("none"))) ?? "", /because no identity-based policy allows/);
  await cloud
    .iam()
    .send(
      new iam.AttachUserPolicyCommand({ UserName: "alice", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" }),
    );
  assert.equal(await refusal(invoke("none")), undefined);
  assert.match((await refusal(invoke("shut"))) ?? "", /with an explicit deny in a resource-based policy/);
  assert.match((await refusal(invoke("odd"))) ?? "", /AccessDenied/, "a policy that cannot be read denies");
});

test("IAM keeps its rules: names, versions, limits, and what must go first", async (context) => {
  const cloud = await startCloud(context);
  const client = cloud.iam();
  await client.send(new iam.CreateUserCommand({ UserName: "alice", Tags: [{ Key: "team", Value: "blue" }] }));
  assert.equal(
    await refusal(client.send(new iam.CreateUserCommand({ UserName: "ALICE" }))),
    "EntityAlreadyExistsException: User with name ALICE already exists.",
  );
  assert.equal(
    await refusal(client.send(new iam.GetUserCommand({ UserName: "bob" }))),
    "NoSuchEntityException: The user with name bob cannot be found.",
  );
  assert.deepEqual((await client.send(new iam.GetUserCommand({ UserName: "Alice" }))).User?.Tags, [
    { Key: "team", Value: "blue" },
  ]);
  assert.match(
    (await refusal(
      client.send(new iam.PutUserPolicyCommand({ UserName: "alice", PolicyName: "p", PolicyDocument: "{}" })),
    )) ?? "",
    /^MalformedPolicyDocumentException: Syntax errors in policy\./,
  );
  assert.match(
    (await refusal(
      client.send(new iam.CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: policy({ Action: "a:b" }) })),
    )) ?? "",
    /^MalformedPolicyDocumentException/,
  );
  assert.match(
    (await refusal(client.send(new iam.CreateServiceLinkedRoleCommand({ AWSServiceName: "lambda.amazonaws.com" })))) ??
      "",
    /not supported by Kiln/,
  );

  const document = policy({ Action: "lambda:*" });
  const { Policy } = await client.send(new iam.CreatePolicyCommand({ PolicyName: "p", PolicyDocument: document }));
  const PolicyArn = Policy?.Arn ?? "";
  for (let count = 2; count <= 5; count += 1)
    await client.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document }));
  assert.match(
    (await refusal(client.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document })))) ?? "",
    /^LimitExceededException/,
  );
  const { PolicyVersion } = await client.send(new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
  assert.equal(decodeURIComponent(PolicyVersion?.Document ?? ""), document);
  await client.send(new iam.AttachUserPolicyCommand({ UserName: "alice", PolicyArn }));
  await client.send(new iam.AttachUserPolicyCommand({ UserName: "alice", PolicyArn }));
  assert.equal((await client.send(new iam.GetPolicyCommand({ PolicyArn }))).Policy?.AttachmentCount, 1);
  assert.match(
    (await refusal(client.send(new iam.DeletePolicyCommand({ PolicyArn })))) ?? "",
    /^DeleteConflictException/,
  );
  assert.match(
    (await refusal(client.send(new iam.DeleteUserCommand({ UserName: "alice" })))) ?? "",
    /^DeleteConflictException: .*must detach all policies first/,
  );
  await client.send(new iam.DetachUserPolicyCommand({ UserName: "alice", PolicyArn }));
  for (const VersionId of ["v2", "v3", "v4", "v5"])
    await client.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId }));
  await client.send(new iam.DeletePolicyCommand({ PolicyArn }));
  for (let count = 0; count < 2; count += 1) await client.send(new iam.CreateAccessKeyCommand({ UserName: "alice" }));
  assert.match(
    (await refusal(client.send(new iam.CreateAccessKeyCommand({ UserName: "alice" })))) ?? "",
    /^LimitExceededException: .*AccessKeysPerUser: 2/,
  );
  assert.match(
    (await refusal(client.send(new iam.DeleteUserCommand({ UserName: "alice" })))) ?? "",
    /must delete access keys first/,
  );

  for (let count = 0; count < 25; count += 1) await client.send(new iam.CreateGroupCommand({ GroupName: `g${count}` }));
  const names: string[] = [];
  for await (const page of iam.paginateListGroups({ client, pageSize: 10 }, {})) {
    assert.ok((page.Groups ?? []).length <= 10);
    names.push(...(page.Groups ?? []).map(({ GroupName }) => GroupName ?? ""));
  }
  assert.equal(new Set(names).size, 25);
});

function on(value: string) {
  return { StringEquals: { "aws:ResourceTag/Team": value } };
}

test("tags of resources count, for allowing and for denying", async (context) => {
  const cloud = await startCloud(context);
  const keys = await user(
    cloud,
    "alice",
    policy(
      { Action: "lambda:*", Condition: on("blue") },
      { Action: "iam:GetUser" },
      { Effect: "Deny", Action: "iam:*", Condition: on("red") },
    ),
  );
  const alice = cloud.lambda(keys);
  assert.match((await refusal(alice.send(get()))) ?? "", /AccessDenied/);
  cloud.tags.set(arn("f"), { team: "blue" });
  assert.equal(await refusal(alice.send(get())), undefined);
  cloud.tags.set(arn("f"), { team: "green" });
  assert.match((await refusal(alice.send(get()))) ?? "", /AccessDenied/);
  const ask = new iam.GetUserCommand({ UserName: "alice" });
  assert.equal(await refusal(cloud.iam(keys).send(ask)), undefined);
  await cloud.iam().send(new iam.TagUserCommand({ UserName: "alice", Tags: [{ Key: "Team", Value: "red" }] }));
  assert.match((await refusal(cloud.iam(keys).send(ask))) ?? "", /with an explicit deny/);
});

test("functions are bound to a VPC by its id, and an empty list of subnets is no VPC", async (context) => {
  const cloud = await startCloud(context);
  const create = (keys: Keys, SubnetIds?: string[]) =>
    refusal(
      cloud.lambda(keys).send(
        new lambda.CreateFunctionCommand({
          FunctionName: "f",
          Role: `arn:aws:iam::${account}:role/exec`,
          Code: { ZipFile: Buffer.from("x") },
          ...(SubnetIds && { VpcConfig: { SubnetIds, SecurityGroupIds: SubnetIds.length === 0 ? [] : ["sg-1"] } }),
        }),
      ),
    );
  const configure = (keys: Keys, SubnetIds: string[]) =>
    refusal(
      cloud.lambda(keys).send(
        new lambda.UpdateFunctionConfigurationCommand({
          FunctionName: "f",
          VpcConfig: { SubnetIds, SecurityGroupIds: SubnetIds.length === 0 ? [] : ["sg-1"] },
        }),
      ),
    );
  const all = { Action: ["lambda:*", "iam:PassRole"] };
  const deny = { Effect: "Deny", Action: ["lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"] };
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#vpc-conditions
  const alice = await user(
    cloud,
    "alice",
    policy(
      all,
      { ...deny, Condition: { Null: { "lambda:VpcIds": "true" } } },
      { ...deny, Condition: { "ForAnyValue:StringNotEquals": { "lambda:VpcIds": "vpc-1" } } },
    ),
  );
  const denied = /with an explicit deny in an identity-based policy$/;
  assert.equal(await create(alice, ["subnet-1"]), undefined);
  assert.equal(await configure(alice, ["subnet-1"]), undefined);
  for (const said of [
    create(alice),
    create(alice, []),
    create(alice, ["subnet-2"]),
    create(alice, ["subnet-1", "subnet-2"]),
  ])
    assert.match((await said) ?? "", denied);
  for (const subnets of [[], ["subnet-2"]]) assert.match((await configure(alice, subnets)) ?? "", denied);
  for (const [key, value] of [
    ["lambda:SubnetIds", "subnet-1"],
    ["lambda:SecurityGroupIds", "sg-1"],
  ] as const) {
    const only = { ...deny, Condition: { Null: { [key]: "true" } } };
    const keys = await user(cloud, `user-${value}`, policy(all, only));
    assert.equal(await create(keys, ["subnet-1"]), undefined, key);
    assert.match((await create(keys, [])) ?? "", denied, key);
  }
});

test("sessions of a role are revoked by a denial of those that were issued before", async (context) => {
  const cloud = await startCloud(context);
  const client = cloud.iam();
  const alice = await user(cloud, "alice", policy({ Action: "sts:AssumeRole" }));
  await client.send(new iam.CreateRoleCommand({ RoleName: "ci", AssumeRolePolicyDocument: trust({ AWS: account }) }));
  const put = (PolicyName: string, PolicyDocument: string) =>
    client.send(new iam.PutRolePolicyCommand({ RoleName: "ci", PolicyName, PolicyDocument }));
  await put("p", policy({ Action: "lambda:*" }));
  const assume = async (): Promise<Keys> => {
    const RoleArn = `arn:aws:iam::${account}:role/ci`;
    const wanted = new sts.AssumeRoleCommand({ RoleArn, RoleSessionName: "run-1" });
    const { Credentials } = await cloud.sts(alice).send(wanted);
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  };
  const before = await assume();
  assert.equal(await refusal(cloud.lambda(before).send(get())), undefined);
  // As the console of AWS does it: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
  const now = new Date(Date.now() + cloud.clock.offset + 1000).toISOString();
  const older = { DateLessThan: { "aws:TokenIssueTime": now } };
  await put("AWSRevokeOlderSessions", policy({ Effect: "Deny", Action: "*", Condition: older }));
  assert.match((await refusal(cloud.lambda(before).send(get()))) ?? "", /explicit deny in an identity-based policy/);
  cloud.clock.offset += 5000;
  assert.equal(await refusal(cloud.lambda(await assume()).send(get())), undefined, "a session of afterwards");
});

test("a session has tags and managed policies for its time, where both sides let it, and chains for an hour", async (context) => {
  const cloud = await startCloud(context);
  const client = cloud.iam();
  const assumes = { Action: ["sts:AssumeRole", "sts:TagSession"] };
  const alice = await user(cloud, "alice", policy(assumes));
  const bob = await user(cloud, "bob", policy({ Action: "sts:AssumeRole" }));
  const own = { Condition: { StringEquals: { "aws:PrincipalTag/team": "${aws:ResourceTag/team}" } } };
  const makeRole = async (RoleName: string, Action: string | string[], ...statements: Record<string, unknown>[]) => {
    await client.send(
      new iam.CreateRoleCommand({
        RoleName,
        AssumeRolePolicyDocument: trust({ AWS: account }, { Action }),
        MaxSessionDuration: 7200,
        Tags: [{ Key: "Team", Value: "none" }],
      }),
    );
    await client.send(
      new iam.PutRolePolicyCommand({ RoleName, PolicyName: "p", PolicyDocument: policy(...statements) }),
    );
    return `arn:aws:iam::${account}:role/${RoleName}`;
  };
  const open = await makeRole("open", ["sts:AssumeRole", "sts:TagSession"], { Action: "lambda:*", ...own }, assumes);
  const shut = await makeRole("shut", "sts:AssumeRole", { Action: "lambda:*" });
  const assume = async (keys: Keys, RoleArn: string, more: Partial<sts.AssumeRoleCommandInput> = {}) => {
    const wanted = new sts.AssumeRoleCommand({ RoleArn, RoleSessionName: "run-1", ...more });
    const { Credentials } = await cloud.sts(keys).send(wanted);
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  };
  const Tags = [{ Key: "team", Value: "blue" }];
  const denied = /is not authorized to perform: sts:TagSession/;
  assert.match((await refusal(assume(bob, open, { Tags }))) ?? "", denied, "the caller may not");
  assert.match((await refusal(assume(alice, shut, { Tags }))) ?? "", denied, "the role does not let it");

  cloud.tags.set(arn("f"), { team: "blue" });
  const may = async (keys: Keys, command: lambda.GetFunctionCommand | lambda.DeleteFunctionCommand) =>
    (await refusal(cloud.lambda(keys).send(command))) ?? "allowed";
  assert.match(await may(await assume(alice, open), get()), /AccessDenied/, "the role's own tag is another");
  const tagged = await assume(alice, open, { Tags });
  assert.equal(await may(tagged, get()), "allowed");
  assert.match(await may(await assume(alice, open, { Tags: [{ Key: "team", Value: "red" }] }), get()), /AccessDenied/);

  const PolicyArns = [{ arn: "arn:aws:iam::aws:policy/AWSLambda_ReadOnlyAccess" }];
  const narrow = await assume(alice, open, { Tags, PolicyArns });
  const remove = new lambda.DeleteFunctionCommand({ FunctionName: "f" });
  assert.equal(await may(tagged, remove), "allowed");
  assert.equal(await may(narrow, get()), "allowed");
  assert.match(await may(narrow, remove), /because no session policy allows/);
  const wide = await assume(bob, shut, { Policy: policy({ Action: "iam:*" }) });
  assert.match((await refusal(cloud.iam(wide).send(new iam.ListUsersCommand({})))) ?? "", /AccessDenied/);
  assert.match(
    (await refusal(assume(alice, open, { PolicyArns: [{ arn: `arn:aws:iam::${account}:policy/none` }] }))) ?? "",
    /^NoSuchEntity/,
  );

  await assume(alice, shut, { DurationSeconds: 7200 });
  await assume(tagged, shut, { DurationSeconds: 3600 });
  assert.match(
    (await refusal(assume(tagged, shut, { DurationSeconds: 7200 }))) ?? "",
    /^ValidationError: .*1 hour session limit for roles assumed by role chaining/,
  );
});
