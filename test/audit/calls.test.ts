/** Calls over HTTP become records in CloudTrail's form, whoever makes them and however they end, and without secrets. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  InvokeCommand,
  ListFunctionsCommand,
} from "@aws-sdk/client-lambda";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { ServiceError } from "../../src/base/errors.ts";
import { listSegments } from "../../src/security/audit/segments.ts";
import { startCloud } from "../security/cloud.ts";
import { startServer } from "../wire/server.ts";
import { auditPlace, recordsOf } from "./support.ts";

const zip = Buffer.from("the code of the function");
const creation = {
  FunctionName: "orders",
  Role: "arn:aws:iam::123456789012:role/r",
  Code: { ZipFile: zip },
  Environment: { Variables: { PASSWORD: "open sesame" } },
  Tags: { team: "a" },
};

test("a call becomes a record in CloudTrail's form, without secrets", async (context) => {
  const place = await auditPlace(context);
  const audit = await place.open();
  await using server = await startServer({
    audit: audit.calls,
    lambda: {
      CreateFunction: () => ({ FunctionName: "orders", Environment: { Variables: { PASSWORD: "open sesame" } } }),
      DeleteFunction: () => {
        throw new ServiceError("ResourceNotFoundException", "Function not found", { status: 404 });
      },
      Invoke: () => ({ StatusCode: 200, Payload: Buffer.from("{}") }),
      ListFunctions: () => ({ Functions: [] }),
    },
  });
  const lambda = server.lambda();
  await lambda.send(new CreateFunctionCommand(creation));
  await assert.rejects(lambda.send(new DeleteFunctionCommand({ FunctionName: "none" })));
  await lambda.send(new InvokeCommand({ FunctionName: "orders", Payload: Buffer.from('"a secret"') }));
  await lambda.send(new ListFunctionsCommand({ MaxItems: 3 }));
  await fetch(`${server.url}/nowhere`);
  await audit.close();

  const records = await recordsOf(audit);
  const [created, deleted, listed, unknown] = records;
  assert.equal(records.length, 4);
  assert.deepEqual(
    { ...created, eventID: "", eventTime: "", requestID: "", userAgent: "" },
    {
      eventVersion: "1.11",
      userIdentity: {
        type: "Root",
        principalId: "123456789012",
        arn: "arn:aws:iam::123456789012:root",
        accountId: "123456789012",
        accessKeyId: "123456789012",
      },
      eventTime: "",
      eventSource: "lambda.amazonaws.com",
      eventName: "CreateFunction20150331",
      awsRegion: "eu-central-1",
      sourceIPAddress: "127.0.0.1",
      userAgent: "",
      requestParameters: {
        functionName: "orders",
        role: "arn:aws:iam::123456789012:role/r",
        code: {},
        environment: {},
        tags: { team: "a" },
      },
      responseElements: { functionName: "orders", environment: {} },
      requestID: "",
      eventID: "",
      readOnly: false,
      resources: [
        {
          accountId: "123456789012",
          type: "AWS::Lambda::Function",
          ARN: "arn:aws:lambda:eu-central-1:123456789012:function:orders",
        },
      ],
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: "123456789012",
      eventCategory: "Management",
    },
  );
  assert.match(created?.eventTime ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.match(created?.userAgent ?? "", /aws-sdk-js/);
  assert.deepEqual(
    [deleted?.errorCode, deleted?.errorMessage, deleted?.responseElements],
    ["ResourceNotFoundException", "Function not found", null],
  );
  assert.deepEqual(
    [listed?.eventName, listed?.readOnly, listed?.requestParameters, listed?.responseElements],
    ["ListFunctions20150331", true, { maxItems: 3 }, null],
  );
  assert.deepEqual([unknown?.userIdentity, unknown?.eventSource], [{ type: "Unknown" }, "unknown.amazonaws.com"]);
  for (const { path } of await listSegments(place.dir)) {
    const text = await readFile(path, "utf8");
    for (const secret of ["sesame", zip.toString("base64"), "a secret"]) assert.ok(!text.includes(secret), secret);
  }
});

test("calls of the data plane are recorded where that is asked for, without what they carry", async (context) => {
  const place = await auditPlace(context);
  const audit = await place.open({ dataEvents: true });
  await using server = await startServer({
    audit: audit.calls,
    lambda: { Invoke: () => ({ StatusCode: 200, Payload: Buffer.from('"an answer"') }) },
  });
  await server.lambda().send(new InvokeCommand({ FunctionName: "f", Payload: Buffer.from('"a secret"') }));
  await audit.close();
  const [record] = await recordsOf(audit);
  assert.deepEqual(
    [record?.eventName, record?.eventCategory, record?.managementEvent, record?.requestParameters],
    ["Invoke", "Data", false, { functionName: "f" }],
  );
  assert.equal(record?.responseElements, null);
});

test("users, roles and whoever is refused are told apart", async (context) => {
  const place = await auditPlace(context);
  const audit = await place.open();
  const cloud = await startCloud(context, [], audit.calls);
  const iam = cloud.iam();
  await iam.send(new CreateUserCommand({ UserName: "alice" }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "alice" }));
  await iam.send(
    new AttachUserPolicyCommand({ UserName: "alice", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" }),
  );
  const trust = { Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }] };
  const policy = { Statement: [{ Effect: "Allow", Action: "lambda:ListFunctions", Resource: "*" }] };
  await iam.send(new CreateRoleCommand({ RoleName: "reader", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await iam.send(
    new PutRolePolicyCommand({ RoleName: "reader", PolicyName: "p", PolicyDocument: JSON.stringify(policy) }),
  );
  const alice = {
    accessKeyId: AccessKey?.AccessKeyId ?? "",
    secretAccessKey: AccessKey?.SecretAccessKey ?? "",
  };
  const roleArn = "arn:aws:iam::123456789012:role/reader";
  const { Credentials } = await cloud
    .sts(alice)
    .send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "night" }));
  const session = {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
  await cloud.lambda(session).send(new ListFunctionsCommand({}));
  await assert.rejects(cloud.lambda(session).send(new DeleteFunctionCommand({ FunctionName: "f" })));
  const wrong = { ...alice, secretAccessKey: "wrong" };
  await assert.rejects(cloud.lambda(wrong).send(new DeleteFunctionCommand({ FunctionName: "f" })));
  await audit.close();

  const records = await recordsOf(audit);
  const [refused, denied, listed, assumed] = records.toReversed();
  assert.deepEqual(
    [refused?.userIdentity, refused?.errorCode, refused?.requestParameters],
    [{ type: "Unknown", accessKeyId: alice.accessKeyId }, "InvalidSignatureException", null],
  );
  assert.deepEqual([denied?.errorCode, denied?.eventName], ["AccessDenied", "DeleteFunction20150331"]);
  const { principalId, sessionContext } = listed?.userIdentity ?? {};
  const { sessionIssuer, attributes } = sessionContext as Record<string, Record<string, string>>;
  assert.match(String(principalId), /^AROA\w+:night$/);
  assert.deepEqual(
    [sessionIssuer?.["arn"], sessionIssuer?.["userName"], attributes?.["mfaAuthenticated"]],
    [roleArn, "reader", "false"],
  );
  assert.deepEqual(
    [assumed?.eventName, assumed?.userIdentity["type"], assumed?.userIdentity["userName"]],
    ["AssumeRole", "IAMUser", "alice"],
  );
  const text = JSON.stringify(records);
  for (const secret of [alice.secretAccessKey, session.secretAccessKey, session.sessionToken]) {
    assert.ok(secret.length > 20 && !text.includes(secret));
  }
});

test("strangers cannot fill the disk: what is not recorded is counted", async (context) => {
  const place = await auditPlace(context);
  let now = Date.now();
  const audit = await place.open({ strangers: { perSecond: 1, burst: 5 }, clock: () => now });
  await using server = await startServer({ audit: audit.calls });
  for (let index = 0; index < 30; index += 1) await fetch(`${server.url}/nowhere`);
  now += 1000;
  await fetch(`${server.url}/nowhere`);
  await audit.close();
  const records = await recordsOf(audit);
  assert.equal(records.length, 6);
  assert.deepEqual(records.at(-1)?.additionalEventData, { unrecordedCallsOfUnknownCallers: 25 });
});
