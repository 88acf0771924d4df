/** The unmodified IAM and STS clients against made-up operations: forms in, XML out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import * as fc from "fast-check";
import { ServiceError } from "../../src/base/errors.ts";
import { createSigV4Authenticator } from "../../src/security/sigv4/index.ts";
import type { Operation, ServiceDefinition } from "../../src/wire/contract.ts";
import { startServer, type Handler, type Input, type TestOptions } from "./server.ts";

function form(body: string) {
  return { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body };
}

const stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";

function definitions(handlers: Record<string, Handler>, constraints: unknown): ServiceDefinition[] {
  const operations = (client: object) =>
    Object.fromEntries(
      Object.entries(handlers)
        .filter(([name]) => `${name}$` in client)
        .map(([name, handler]): [string, Operation] => [
          name,
          async (input: Input, context) => handler(input, context),
        ]),
    );
  const common = { protocol: "query", constraints } as const;
  return [
    {
      ...common,
      name: "sts",
      query: { version: "2011-06-15", xmlNamespace: stsNamespace },
      unsigned: ["AssumeRoleWithWebIdentity"],
      schemas: Object.values(sts),
      operations: operations(sts),
    },
    {
      ...common,
      name: "iam",
      query: { version: "2010-05-08", xmlNamespace: "https://iam.amazonaws.com/doc/2010-05-08/" },
      schemas: Object.values(iam),
      operations: operations(iam),
    },
  ];
}

/** With no constraints, operations take any text. */
const unconstrained = { source: "", operations: {}, shapes: {} };

async function start(handlers: Record<string, Handler>, options: TestOptions & { constraints?: unknown } = {}) {
  const server = await startServer({ services: definitions(handlers, options.constraints), ...options });
  const settings = {
    endpoint: server.url,
    region: "us-east-1",
    credentials: { accessKeyId: "123456789012", secretAccessKey: "any" },
    maxAttempts: 1,
  };
  const clients = { iam: new iam.IAMClient(settings), sts: new sts.STSClient(settings) };
  return {
    ...clients,
    server,
    async [Symbol.asyncDispose]() {
      clients.iam.destroy();
      clients.sts.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

// What a form and XML can both carry: a client's own parser trims text that is nothing but blanks.
const text = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  .filter((value) => value.trim() === value && !/[\p{Cc}\uFFFE\uFFFF]/u.test(value));

test("structures, lists and lists in lists come as they were sent, and go back as they were given", async () => {
  let seen: Input = {};
  await using started = await start(
    {
      CreateRole: (input) => {
        seen = input;
        return {
          Role: {
            ...input,
            RoleId: "AROA",
            Arn: "arn:aws:iam::123456789012:role/r",
            Path: "/",
            CreateDate: new Date(1_700_000_000_000),
          },
        };
      },
      SimulateCustomPolicy: (input) => {
        seen = input;
        return { EvaluationResults: [], IsTruncated: false };
      },
    },
    { constraints: unconstrained },
  );
  const tag = fc.record({ Key: text, Value: fc.oneof(text, fc.constant("")) }, { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(
      text,
      text,
      fc.array(tag, { maxLength: 12 }),
      fc.integer(),
      async (name, policy, tags, duration) => {
        const sent = { RoleName: name, AssumeRolePolicyDocument: policy, MaxSessionDuration: duration, Tags: tags };
        const { Role } = await started.iam.send(new iam.CreateRoleCommand(sent));
        assert.deepEqual(seen, sent);
        assert.equal(Role?.RoleName, name);
        assert.equal(Role?.AssumeRolePolicyDocument, policy);
        assert.equal(Role?.MaxSessionDuration, duration);
        assert.deepEqual(Role?.Tags ?? [], tags);
        assert.deepEqual(Role?.CreateDate, new Date(1_700_000_000_000));
      },
    ),
    { numRuns: 100 },
  );
  const entries = fc.array(
    fc.record(
      {
        ContextKeyName: text,
        ContextKeyType: fc.constant("stringList" as const),
        ContextKeyValues: fc.array(text, { maxLength: 11 }),
      },
      { noNullPrototype: true },
    ),
    { minLength: 1, maxLength: 3 },
  );
  await fc.assert(
    fc.asyncProperty(entries, async (ContextEntries) => {
      const sent = { PolicyInputList: ["{}"], ActionNames: ["a:b"], ContextEntries };
      await started.iam.send(new iam.SimulateCustomPolicyCommand(sent));
      assert.deepEqual(seen, sent);
    }),
    { numRuns: 50 },
  );
});

test("maps, booleans, empty answers and answers without members", async () => {
  await using started = await start({
    GetAccountSummary: () => ({ SummaryMap: { Users: 7, Roles: 0 } }),
    ListUsers: () => ({ Users: [], IsTruncated: false }),
    DeleteRole: () => undefined,
    AssumeRole: ({ DurationSeconds }) => ({ PackedPolicySize: DurationSeconds }),
  });
  assert.deepEqual((await started.iam.send(new iam.GetAccountSummaryCommand())).SummaryMap, { Users: 7, Roles: 0 });
  const { Users, IsTruncated } = await started.iam.send(new iam.ListUsersCommand());
  assert.deepEqual([Users, IsTruncated], [[], false]);
  await started.iam.send(new iam.DeleteRoleCommand({ RoleName: "r" }));
  const assumed = await started.sts.send(
    new sts.AssumeRoleCommand({
      RoleArn: "arn:aws:iam::123456789012:role/r",
      RoleSessionName: "s1",
      DurationSeconds: 900,
    }),
  );
  assert.equal(assumed.PackedPolicySize, 900);
});

test("errors have the names that queries have, and the client knows their shapes", async () => {
  await using started = await start({
    GetRole: () => {
      throw new ServiceError("NoSuchEntity", 'The role with name <a> & "b" cannot be found.', { status: 404 });
    },
    GetUser: () => {
      throw new ServiceError("MalformedPolicyDocumentException", "bad");
    },
    CreateRole: () => ({}),
    ListRoles: () => {
      throw new Error("secret");
    },
  });
  await assert.rejects(started.iam.send(new iam.GetRoleCommand({ RoleName: "a" })), (error) => {
    assert.ok(error instanceof iam.NoSuchEntityException);
    assert.equal(error.message, 'The role with name <a> & "b" cannot be found.');
    assert.equal(error.$metadata.httpStatusCode, 404);
    assert.match(error.$metadata.requestId ?? "", /^[0-9a-f-]{36}$/);
    return true;
  });
  await assert.rejects(started.iam.send(new iam.GetUserCommand()), { name: "MalformedPolicyDocumentException" });
  await assert.rejects(started.iam.send(new iam.ListRolesCommand()), (error: iam.IAMServiceException) => {
    assert.equal(error.name, "ServiceFailureException");
    assert.equal(error.$metadata.httpStatusCode, 500);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
  await assert.rejects(started.iam.send(new iam.CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: "" })), {
    name: "ValidationError",
    message:
      /at 'assumeRolePolicyDocument' failed to satisfy constraint: Member must have length greater than or equal to 1/,
  });
});

test("who has not signed may call only what needs no signature, and is told so in XML", async () => {
  const authenticator = createSigV4Authenticator({
    credentials: { find: () => undefined },
    clock: Date.now,
    region: "us-east-1",
  });
  const handlers = {
    AssumeRoleWithWebIdentity: (_input: Input, { caller }: { caller: { arn: string } }) => ({
      Audience: `[${caller.arn}]`,
    }),
  };
  await using started = await start(handlers, { authenticator });
  const { url } = started.server;
  const { Audience } = await started.sts.send(
    new sts.AssumeRoleWithWebIdentityCommand({
      RoleArn: "arn:aws:iam::123456789012:role/r",
      RoleSessionName: "s1",
      WebIdentityToken: "abcd",
    }),
  );
  assert.equal(Audience, "[]");
  const ask = async (init: RequestInit, path = "/") => {
    const answer = await fetch(`${url}${path}`, init);
    return [answer.status, /<Code>(.*)<\/Code>/.exec(await answer.text())?.[1]];
  };
  assert.deepEqual(await ask(form("Action=GetCallerIdentity&Version=2011-06-15")), [403, "MissingAuthenticationToken"]);
  assert.deepEqual(await ask({}, "/?Action=GetCallerIdentity&Version=2011-06-15"), [403, "MissingAuthenticationToken"]);
  assert.deepEqual(await ask(form("Action=Nothing&Version=2011-06-15")), [400, "InvalidAction"]);
  assert.deepEqual(await ask(form("Version=2011-06-15")), [400, "MissingAction"]);
  await assert.rejects(started.iam.send(new iam.GetUserCommand()), { name: "InvalidClientTokenId" });
});

test("a form is bounded, and nothing in it is a fault", async () => {
  await using started = await start({ CreateRole: () => ({}) });
  const authorization = `AWS4-HMAC-SHA256 Credential=123456789012/20261123/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0`;
  const ask = async (body: string) => {
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8", authorization };
    const answer = await fetch(started.server.url, { method: "POST", headers, body });
    return /<Code>(.*)<\/Code>/.exec(await answer.text())?.[1] ?? "";
  };
  const create = "Action=CreateRole&Version=2010-05-08";
  assert.equal(await ask(`${create}&${"a".repeat(600 * 1024)}`), "RequestEntityTooLargeException");
  assert.equal(await ask(`${create}&${"a&".repeat(20_001)}`), "MalformedInput");
  assert.equal(await ask(`${create}&${"a.".repeat(40)}=1`), "MalformedInput");
  assert.equal(await ask(`${create}&Tags.member.x=1`), "MalformedInput");
  assert.equal(await ask(`${create}&Tags.member.1=1&RoleName.a=1`), "MalformedInput");
  assert.equal(await ask(`${create}&RoleName=a&RoleName=b`), "MalformedInput");
  assert.equal(await ask(`${create}&MaxSessionDuration=x`), "MalformedInput");
  assert.equal(await ask(`${create}&__proto__.x=1&constructor=1`), "ValidationError");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.stringMatching(/^[A-Za-z0-9.=%&+_]*$/), { maxLength: 8 }), async (pieces) => {
      assert.match(await ask(`${create}&${pieces.join("&")}`), /^(ValidationError|MalformedInput|)$/);
    }),
    { numRuns: 100 },
  );
  assert.deepEqual(started.server.faults, []);
});
