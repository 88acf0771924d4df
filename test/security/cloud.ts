/** IAM, STS and the guard over HTTP on a real store; Lambda with operations that do nothing, since it is about who may. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { STSClient } from "@aws-sdk/client-sts";
import { createKms } from "../../src/kms/kms.ts";
import { kmsPermissions } from "../../src/services/kms/permissions.ts";
import { kmsService } from "../../src/services/kms/index.ts";
import { createIdentity, type Identity } from "../../src/identity/index.ts";
import type { OidcIssuer } from "../../src/identity/web-identity.ts";
import { createGuard } from "../../src/security/access/guard.ts";
import { rootSource } from "../../src/security/access/root-source.ts";
import { policyProblem } from "../../src/security/policy/index.ts";
import { newAccessKey, type RootKey } from "../../src/security/root/root-key.ts";
import { createSecretBox } from "../../src/security/secrets/secret-box.ts";
import { testSealer } from "../support/sealer.ts";
import { lambdaOperations } from "../../src/services/lambda/operations.ts";
import { iamPermissions } from "../../src/services/iam/permissions.ts";
import { iamService } from "../../src/services/iam/index.ts";
import { lambdaPermissions } from "../../src/services/lambda/permissions.ts";
import { logsPermissions } from "../../src/services/logs/permissions.ts";
import { stsService } from "../../src/services/sts/index.ts";
import { stsPermissions } from "../../src/services/sts/permissions.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { CallAudit } from "../../src/wire/contract.ts";
import { startServer, type Handler } from "../wire/server.ts";

export const account = "123456789012";
const problem = (text: string) => policyProblem(text, "resource");

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface Cloud {
  readonly identity: Identity;
  readonly root: Keys;
  /** Everything between the requests and this clock. */
  readonly clock: { offset: number };
  /** Policies of functions by their ARNs. */
  readonly policies: Map<string, string>;
  /** Tags of functions by their ARNs. */
  readonly tags: Map<string, Record<string, string>>;
  readonly guard: ReturnType<typeof createGuard>;
  url: string;
  iam(keys?: Keys): IAMClient;
  sts(keys?: Keys): STSClient;
  lambda(keys?: Keys): LambdaClient;
  kms(keys?: Keys): KMSClient;
}

export async function startCloud(
  context: TestContext,
  oidcIssuers: readonly OidcIssuer[] = [],
  audit?: CallAudit,
  lambda: Readonly<Record<string, Handler>> = {},
): Promise<Cloud> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-cloud-"));
  const store = await openSqliteStore({ dir: join(dir, "store") });
  const clock = { offset: 0 };
  const now = () => Date.now() + clock.offset;
  const box = createSecretBox(testSealer());
  const identity = createIdentity({ documents: store.documents, box, clock: now, enforced: true, oidcIssuers });
  const key: RootKey = { account, ...newAccessKey("AKIA"), createdAt: "" };
  const policies = new Map<string, string>();
  const tags = new Map<string, Record<string, string>>();
  const kms = createKms({
    documents: store.documents,
    policyProblem: problem,
    principals: identity.principals,
    clock: now,
    report: (error) => assert.fail(String(error)),
  });
  const guard = createGuard({
    credentials: rootSource(
      { current: () => key, find: async (id) => (id === key.accessKeyId ? key : undefined) },
      identity.source,
    ),
    tables: {
      lambda: lambdaPermissions((subnet) => subnet.replace("subnet", "vpc")),
      logs: logsPermissions,
      iam: iamPermissions(identity),
      sts: stsPermissions,
      kms: kmsPermissions(kms),
    },
    policyOf: async (arn) => policies.get(arn) ?? kms.policyOf(arn),
    tagsOf: async (arn) => tags.get(arn) ?? (await kms.tagsOf(arn)) ?? identity.tagsOf(arn),
    region: "us-east-1",
    clock: now,
  });
  const server = await startServer({
    lambda: { ...Object.fromEntries(Object.keys(lambdaOperations).map((name) => [name, () => ({})])), ...lambda },
    services: [
      stsService({ identity, constraints: undefined }),
      iamService({ identity, constraints: undefined }),
      kmsService({ kms }),
    ],
    ...guard,
    ...(audit === undefined ? {} : { audit }),
  });
  const root = { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey };
  const clients: { destroy(): void }[] = [];
  const settings = (credentials: Keys) => ({
    endpoint: server.url,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
    systemClockOffset: clock.offset,
  });
  const keep = <C extends { destroy(): void }>(client: C): C => {
    clients.push(client);
    return client;
  };
  context.after(async () => {
    for (const client of clients) client.destroy();
    await server[Symbol.asyncDispose]();
    identity.source.close();
    await store.close();
    await rm(dir, { recursive: true });
  });
  return {
    identity,
    root,
    clock,
    policies,
    tags,
    guard,
    url: server.url,
    iam: (keys = root) => keep(new IAMClient(settings(keys))),
    sts: (keys = root) => keep(new STSClient(settings(keys))),
    kms: (keys = root) => keep(new KMSClient(settings(keys))),
    lambda: (keys = root) => keep(new LambdaClient(settings(keys))),
  };
}

/** A user of its own, with a policy if there is one. */
export async function makeUser(cloud: Cloud, UserName: string, PolicyDocument?: string): Promise<Keys> {
  const iam = cloud.iam();
  await iam.send(new CreateUserCommand({ UserName }));
  if (PolicyDocument !== undefined) {
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "p", PolicyDocument }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
}

export function policy(...statements: Record<string, unknown>[]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Effect: "Allow", Resource: "*", ...statement })),
  });
}

export function trust(principal: unknown, more: Record<string, unknown> = {}): string {
  const statement = { Effect: "Allow", Action: "sts:AssumeRole", Principal: principal, ...more };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

/** Name and message of what a call is refused with; undefined when it was not. */
export async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}
