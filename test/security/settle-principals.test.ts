/** Policies with ARNs in them: of an earlier Kiln's state directory, and of a time without authentication. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { KilnError } from "../../src/base/errors.ts";
import { settlePrincipals } from "../../src/compose/principals.ts";
import { createIdentity } from "../../src/identity/index.ts";
import { createSecretBox } from "../../src/security/secrets/secret-box.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { testSealer } from "../support/sealer.ts";

const account = "123456789012";
const arnOf = (name: string) => `arn:aws:iam::${account}:${name}`;
const sessionOf = (role: string) => `arn:aws:sts::${account}:assumed-role/${role}/s1`;
const policy = (...AWS: string[]) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { AWS }, Action: "*", Resource: "*" },
      { Effect: "Deny", NotPrincipal: { AWS: AWS[0] }, Action: "*", Resource: "*" },
    ],
  });
const trust = (AWS: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS }, Action: "sts:AssumeRole" }],
  });

async function start(context: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), "kiln-settle-"));
  const store = await openSqliteStore({ dir });
  const { documents } = store;
  context.after(async () => {
    await store.close();
    await rm(dir, { recursive: true });
  });
  const identity = (enforced: boolean) => {
    const made = createIdentity({ documents, box: createSecretBox(testSealer()), clock: Date.now, enforced });
    context.after(() => made.source.close());
    return made;
  };
  const reports: string[] = [];
  const settle = (enforced: boolean) =>
    settlePrincipals(documents, enforced, (error) => {
      assert.ok(error instanceof KilnError);
      assert.equal(error.code, "POLICY_NAMES_NOBODY");
      reports.push(error.message);
    });
  const textOf = async (kind: string, key: string) => JSON.stringify((await documents.get(kind, key))?.value);
  return { documents, identity, settle, reports, textOf };
}

test("what an earlier Kiln has stored with ARNs is for those who are there, and for nobody who comes", async (context) => {
  const { documents, identity, settle, reports, textOf } = await start(context);
  const { entities, principals } = identity(true);
  const alice = await entities.create({ account, kind: "user", name: "alice", path: "/dev/" });
  const settings = { trust: trust(account), maxSessionDuration: 3600 };
  const ci = await entities.create({ account, kind: "role", name: "ci", role: settings });
  // As it was: no ids to find anybody by, and ARNs in policies.
  for (const { id } of [alice, ci]) await documents.remove("iam-unique-id", id);
  const old = await documents.get<typeof ci>("iam-entity", `${account}/role/ci`);
  assert.ok(old);
  const oldRole = { ...ci, role: { ...settings, trust: trust(alice.arn) } };
  await documents.replace("iam-entity", old.key, oldRole, old.version);
  const at = `${account}/us-east-1`;
  const named = policy(alice.arn, ci.arn, sessionOf("ci"), arnOf("user/gone"), sessionOf("gone"), account, "*");
  await documents.create("function-policy", `${at}/f/$LATEST`, { text: named });
  await documents.create("kms-key", `${at}/k`, { id: "k", policy: named });
  await documents.create("kms-grant", `${at}/k/g`, { grantee: alice.arn, retiring: arnOf("role/gone") });
  await documents.create("queue", `${at}/q`, { name: "q", attributes: { Policy: named, DelaySeconds: "1" } });
  await documents.create("queue", `${at}/plain`, { name: "plain", attributes: {} });
  const plain = await documents.get("queue", `${at}/plain`);

  await settle(true);
  assert.equal((await entities.get({ account, kind: "role", name: "ci" })).role?.trust, trust(alice.id));
  assert.deepEqual(await documents.get("queue", `${at}/plain`), plain);
  for (const [kind, key] of [
    ["function-policy", `${at}/f/$LATEST`],
    ["kms-key", `${at}/k`],
    ["queue", `${at}/q`],
  ] as const) {
    const text = await textOf(kind, key);
    assert.doesNotMatch(text, /user\/|role\//, kind);
    for (const id of [alice.id, ci.id, `${ci.id}:s1`]) assert.match(text, new RegExp(`"${id}\\\\"`), kind);
    assert.match(text, /AIDA[A-Z0-9]{17}\\",\\"AROA[A-Z0-9]{17}:s1\\",\\"123456789012\\",\\"\*/, kind);
  }
  assert.match(await textOf("kms-grant", `${at}/k/g`), new RegExp(`"grantee":"${alice.id}","retiring":"AROA`));
  assert.deepEqual(reports.map((text) => text.replace(/^The policy of (\S+) .* names /, "$1: ")).toSorted(), [
    `function-policy: ${arnOf("user/gone")}, ${sessionOf("gone")}, whom there is not.`,
    `kms-grant: ${arnOf("role/gone")}, whom there is not.`,
    `kms-key: ${arnOf("user/gone")}, ${sessionOf("gone")}, whom there is not.`,
    `queue: ${arnOf("user/gone")}, ${sessionOf("gone")}, whom there is not.`,
  ]);
  const shown = await principals.shown(
    (await documents.get<{ text: string }>("function-policy", `${at}/f/$LATEST`))?.value.text ?? "",
  );
  for (const arn of [alice.arn, ci.arn, sessionOf("ci")]) assert.ok(shown.includes(`"${arn}"`), arn);

  // Another start changes nothing, and nobody gets what was meant for who is gone.
  const before = await documents.get("kms-key", `${at}/k`);
  await entities.create({ account, kind: "user", name: "gone" });
  await settle(true);
  assert.deepEqual(await documents.get("kms-key", `${at}/k`), before);
  assert.equal(reports.length, 4);
});

test("names that were written without authentication are settled when it comes", async (context) => {
  const { documents, identity, settle, reports } = await start(context);
  await settle(false);
  const open = identity(false);
  const bob = await open.entities.create({ account, kind: "user", name: "bob" });
  const role = { trust: trust(arnOf("user/later")), maxSessionDuration: 3600 };
  await open.entities.create({ account, kind: "role", name: "r1", role });
  await open.entities.create({ account, kind: "role", name: "r2", role: { ...role, trust: trust(bob.arn) } });
  const trustOf = async (name: string) => (await open.entities.get({ account, kind: "role", name })).role?.trust;
  assert.equal(await trustOf("r1"), role.trust, "nobody looks whether there is somebody");
  assert.equal(await trustOf("r2"), trust(bob.id));
  const later = await open.entities.create({ account, kind: "user", name: "later" });
  await settle(true);
  assert.equal(await trustOf("r1"), trust(later.id));
  assert.deepEqual(reports, []);

  // Off and on again: what was written in between as well.
  await settle(false);
  await open.entities.setTrust(account, "r1", trust(arnOf("user/nobody")));
  await settle(true);
  assert.match((await trustOf("r1")) ?? "", /"AWS":"AIDA[A-Z0-9]{17}"/);
  assert.equal(reports.length, 1);
  assert.equal(await trustOf("r2"), trust(bob.id));
  assert.notEqual(await documents.get("iam-settled", "names"), undefined);
});
