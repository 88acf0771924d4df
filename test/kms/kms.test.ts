/** KMS over HTTP with the official client: real wire, an encrypted store, and a clock that the test moves. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import * as aws from "@aws-sdk/client-kms";
import { createKms } from "../../src/kms/kms.ts";
import { kmsService } from "../../src/services/kms/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { policyProblem } from "../../src/security/policy/index.ts";
import { startWire } from "../logs/wire-server.ts";
import { testSealer } from "../support/sealer.ts";

const DAY = 24 * 60 * 60 * 1000;
const account = "000000000000";
const text = Buffer.from("a secret");
const problem = (policy: string) => policyProblem(policy, "resource");

interface TestKms {
  client: aws.KMSClient;
  key: () => Promise<string>;
  pass: (ms: number) => void;
}

function report(error: unknown): void {
  assert.fail(String(error));
}

async function startKms(context: TestContext): Promise<TestKms> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-kms-"));
  let moved = 0;
  const store = await openSqliteStore({ dir, sealer: testSealer() });
  const kms = createKms({
    documents: store.documents,
    policyProblem: problem,
    clock: () => Date.now() + moved,
    report,
  });
  const endpoint = await startWire(context, [kmsService({ kms })]);
  const credentials = { accessKeyId: account, secretAccessKey: "any" };
  const client = new aws.KMSClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  context.after(async () => {
    client.destroy();
    kms.close();
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });
  const key = async () => (await client.send(new aws.CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";
  return { client, key, pass: (ms) => void (moved += ms) };
}

test("what a key encrypts it decrypts, in the same encryption context only", async (context) => {
  const { client, key } = await startKms(context);
  const KeyId = await key();
  const arn = `arn:aws:kms:us-east-1:${account}:key/${KeyId}`;
  const EncryptionContext = { a: "1", b: "2" };
  const sealed = await client.send(new aws.EncryptCommand({ KeyId, Plaintext: text, EncryptionContext }));
  assert.equal(sealed.KeyId, arn);
  const { CiphertextBlob = new Uint8Array() } = sealed;
  assert.ok(!Buffer.from(CiphertextBlob).includes(text));
  const opened = await client.send(new aws.DecryptCommand({ CiphertextBlob, EncryptionContext: { b: "2", a: "1" } }));
  assert.deepEqual(Buffer.from(opened.Plaintext ?? []), text);
  assert.equal(opened.KeyId, arn);
  const invalid = { name: "InvalidCiphertextException" };
  for (const wrong of [undefined, {}, { a: "1" }, { a: "1", b: "3" }, { ...EncryptionContext, c: "3" }]) {
    const command = new aws.DecryptCommand({ CiphertextBlob, EncryptionContext: wrong });
    await assert.rejects(client.send(command), invalid);
  }
  for (let at = 0; at < CiphertextBlob.length; at += 5) {
    const changed = Uint8Array.from(CiphertextBlob);
    changed[at] = (changed[at] ?? 0) ^ 1;
    // In the 16 bytes behind the first one is the id of the key.
    const expected = at >= 1 && at <= 16 ? { name: "AccessDeniedException" } : invalid;
    await assert.rejects(client.send(new aws.DecryptCommand({ CiphertextBlob: changed, EncryptionContext })), expected);
  }
  const other = await key();
  await assert.rejects(client.send(new aws.DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId: other })), {
    name: "IncorrectKeyException",
  });
  const again = await client.send(
    new aws.ReEncryptCommand({ CiphertextBlob, SourceEncryptionContext: EncryptionContext, DestinationKeyId: other }),
  );
  assert.deepEqual([again.SourceKeyId, again.KeyId], [arn, arn.replace(KeyId, other)]);
  const moved = await client.send(new aws.DecryptCommand({ CiphertextBlob: again.CiphertextBlob, KeyId: other }));
  assert.deepEqual(Buffer.from(moved.Plaintext ?? []), text);
  for (const Plaintext of [new Uint8Array(), new Uint8Array(4097)]) {
    await assert.rejects(client.send(new aws.EncryptCommand({ KeyId, Plaintext })), { name: "ValidationException" });
  }
  await client.send(new aws.EncryptCommand({ KeyId, Plaintext: new Uint8Array(4096) }));
  await assert.rejects(client.send(new aws.EncryptCommand({ KeyId, Plaintext: text, DryRun: true })), {
    name: "DryRunOperationException",
  });
});

test("data keys come with their ciphertext, in the sizes that are asked for", async (context) => {
  const { client, key } = await startKms(context);
  const KeyId = await key();
  for (const [wanted, bytes] of [
    [{ KeySpec: "AES_256" }, 32],
    [{ KeySpec: "AES_128" }, 16],
    [{ NumberOfBytes: 100 }, 100],
  ] as const) {
    const made = await client.send(new aws.GenerateDataKeyCommand({ KeyId, ...wanted }));
    assert.equal(made.Plaintext?.length, bytes);
    const opened = await client.send(new aws.DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
    assert.deepEqual(opened.Plaintext, made.Plaintext);
    const blind = await client.send(new aws.GenerateDataKeyWithoutPlaintextCommand({ KeyId, ...wanted }));
    assert.ok(!("Plaintext" in blind));
    const later = await client.send(new aws.DecryptCommand({ CiphertextBlob: blind.CiphertextBlob }));
    assert.equal(later.Plaintext?.length, bytes);
  }
  for (const wrong of [{}, { KeySpec: "AES_256", NumberOfBytes: 3 }, { NumberOfBytes: 1025 }] as const) {
    await assert.rejects(client.send(new aws.GenerateDataKeyCommand({ KeyId, ...wrong })), {
      name: "ValidationException",
    });
  }
  const { Plaintext } = await client.send(new aws.GenerateRandomCommand({ NumberOfBytes: 1024 }));
  assert.equal(Plaintext?.length, 1024);
});

test("a key that is disabled or to be deleted does nothing, and one that is deleted is gone", async (context) => {
  const { client, key, pass } = await startKms(context);
  const KeyId = await key();
  await client.send(new aws.CreateAliasCommand({ AliasName: "alias/a", TargetKeyId: KeyId }));
  const { CiphertextBlob } = await client.send(new aws.EncryptCommand({ KeyId: "alias/a", Plaintext: text }));
  const uses = () => [
    new aws.EncryptCommand({ KeyId: "alias/a", Plaintext: text }),
    new aws.DecryptCommand({ CiphertextBlob }),
    new aws.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }),
  ];
  const refused = async (name: string, message?: string) => {
    for (const use of uses()) {
      await assert.rejects(client.send(use as aws.EncryptCommand), { name, ...(message && { message }) });
    }
  };
  const arn = `arn:aws:kms:us-east-1:${account}:key/${KeyId}`;
  await client.send(new aws.DisableKeyCommand({ KeyId }));
  await refused("DisabledException", `${arn} is disabled.`);
  await client.send(new aws.EnableKeyCommand({ KeyId }));
  for (const use of uses()) await client.send(use as aws.EncryptCommand);

  const scheduled = await client.send(new aws.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  assert.deepEqual([scheduled.KeyId, scheduled.KeyState], [arn, "PendingDeletion"]);
  await refused("KMSInvalidStateException", `${arn} is pending deletion.`);
  const { KeyMetadata } = await client.send(new aws.DescribeKeyCommand({ KeyId }));
  assert.equal(KeyMetadata?.DeletionDate?.getTime(), scheduled.DeletionDate?.getTime());
  await client.send(new aws.CancelKeyDeletionCommand({ KeyId }));
  await refused("DisabledException");
  await client.send(new aws.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  pass(7 * DAY);
  await assert.rejects(client.send(new aws.DescribeKeyCommand({ KeyId })), {
    name: "NotFoundException",
    message: `Key '${arn}' does not exist`,
  });
  await assert.rejects(client.send(new aws.DescribeKeyCommand({ KeyId: "alias/a" })), {
    name: "NotFoundException",
    message: `Alias arn:aws:kms:us-east-1:${account}:alias/a is not found.`,
  });
  await assert.rejects(client.send(new aws.DecryptCommand({ CiphertextBlob })), {
    name: "AccessDeniedException",
    message: /refers to a customer master key that does not exist/,
  });
});

test("rotation makes new generations, by demand and by time, and old ciphertexts stay good", async (context) => {
  const { client, key, pass } = await startKms(context);
  const KeyId = await key();
  const seal = async () => (await client.send(new aws.EncryptCommand({ KeyId, Plaintext: text }))).CiphertextBlob;
  const open = (CiphertextBlob: Uint8Array | undefined) => client.send(new aws.DecryptCommand({ CiphertextBlob }));
  const blobs = [await seal()];
  await client.send(new aws.RotateKeyOnDemandCommand({ KeyId }));
  blobs.push(await seal());
  await client.send(new aws.EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
  const status = await client.send(new aws.GetKeyRotationStatusCommand({ KeyId }));
  assert.deepEqual([status.KeyRotationEnabled, status.RotationPeriodInDays], [true, 90]);
  pass(90 * DAY + 1000);
  blobs.push(await seal());
  const generations = new Set<string | undefined>();
  for (const blob of blobs) {
    const { Plaintext, KeyMaterialId } = await open(blob);
    assert.deepEqual(Buffer.from(Plaintext ?? []), text);
    generations.add(KeyMaterialId);
  }
  assert.equal(generations.size, 3);
  const { Rotations } = await client.send(new aws.ListKeyRotationsCommand({ KeyId }));
  assert.deepEqual(
    Rotations?.map(({ RotationType }) => RotationType),
    ["ON_DEMAND", "AUTOMATIC"],
  );
  await client.send(new aws.DisableKeyRotationCommand({ KeyId }));
  pass(1000 * DAY);
  const { KeyMaterialId } = await open(await seal());
  assert.ok(generations.has(KeyMaterialId));
});

test("aliases, policies, tags, descriptions and grants are kept as they are written", async (context) => {
  const { client, key } = await startKms(context);
  const [one, two] = [await key(), await key()];
  await client.send(new aws.CreateAliasCommand({ AliasName: "alias/a", TargetKeyId: one }));
  await assert.rejects(client.send(new aws.CreateAliasCommand({ AliasName: "alias/a", TargetKeyId: two })), {
    name: "AlreadyExistsException",
  });
  await client.send(new aws.UpdateAliasCommand({ AliasName: "alias/a", TargetKeyId: two }));
  const byAlias = await client.send(new aws.DescribeKeyCommand({ KeyId: `arn:aws:kms:us-east-1:${account}:alias/a` }));
  assert.equal(byAlias.KeyMetadata?.KeyId, two);
  const { Aliases } = await client.send(new aws.ListAliasesCommand({ KeyId: two }));
  assert.deepEqual(
    Aliases?.map(({ AliasName }) => AliasName),
    ["alias/a"],
  );
  await client.send(new aws.DeleteAliasCommand({ AliasName: "alias/a" }));
  assert.deepEqual((await client.send(new aws.ListAliasesCommand({}))).Aliases, []);

  const listed: (string | undefined)[] = [];
  for await (const page of aws.paginateListKeys({ client, pageSize: 1 }, {})) {
    listed.push(...(page.Keys ?? []).map(({ KeyId }) => KeyId));
  }
  assert.deepEqual(new Set(listed), new Set([one, two]));

  const { Policy = "" } = await client.send(new aws.GetKeyPolicyCommand({ KeyId: one }));
  assert.match(Policy, new RegExp(`arn:aws:iam::${account}:root`));
  const statement = { Effect: "Allow", Principal: { AWS: account }, Action: "kms:*", Resource: "*" };
  const next = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await client.send(new aws.PutKeyPolicyCommand({ KeyId: one, Policy: next }));
  assert.equal((await client.send(new aws.GetKeyPolicyCommand({ KeyId: one }))).Policy, next);
  await assert.rejects(client.send(new aws.PutKeyPolicyCommand({ KeyId: one, Policy: "{" })), {
    name: "MalformedPolicyDocumentException",
  });

  await client.send(new aws.TagResourceCommand({ KeyId: one, Tags: [{ TagKey: "a", TagValue: "1" }] }));
  await client.send(new aws.TagResourceCommand({ KeyId: one, Tags: [{ TagKey: "b", TagValue: "2" }] }));
  await client.send(new aws.UntagResourceCommand({ KeyId: one, TagKeys: ["a"] }));
  const { Tags } = await client.send(new aws.ListResourceTagsCommand({ KeyId: one }));
  assert.deepEqual(Tags, [{ TagKey: "b", TagValue: "2" }]);
  await client.send(new aws.UpdateKeyDescriptionCommand({ KeyId: one, Description: "words" }));
  const { KeyMetadata } = await client.send(new aws.DescribeKeyCommand({ KeyId: one }));
  assert.equal(KeyMetadata?.Description, "words");

  const GranteePrincipal = `arn:aws:iam::${account}:role/r`;
  const wanted = { KeyId: one, GranteePrincipal, Operations: ["Decrypt" as const], Name: "g" };
  const grant = await client.send(new aws.CreateGrantCommand({ ...wanted, RetiringPrincipal: GranteePrincipal }));
  const same = await client.send(new aws.CreateGrantCommand({ ...wanted, RetiringPrincipal: GranteePrincipal }));
  assert.equal(same.GrantId, grant.GrantId);
  const second = await client.send(new aws.CreateGrantCommand(wanted));
  const { Grants } = await client.send(new aws.ListGrantsCommand({ KeyId: one }));
  assert.equal(Grants?.length, 2);
  const retirable = await client.send(new aws.ListRetirableGrantsCommand({ RetiringPrincipal: GranteePrincipal }));
  assert.deepEqual(
    retirable.Grants?.map(({ GrantId }) => GrantId),
    [grant.GrantId],
  );
  await client.send(new aws.RetireGrantCommand({ GrantToken: grant.GrantToken }));
  await client.send(new aws.RevokeGrantCommand({ KeyId: one, GrantId: second.GrantId }));
  assert.deepEqual((await client.send(new aws.ListGrantsCommand({ KeyId: one }))).Grants, []);
  await assert.rejects(client.send(new aws.RevokeGrantCommand({ KeyId: one, GrantId: second.GrantId })), {
    name: "NotFoundException",
  });
});

test("keys of other kinds, of other regions, and names that are none are refused", async (context) => {
  const { client } = await startKms(context);
  await assert.rejects(client.send(new aws.CreateKeyCommand({ KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" })), {
    name: "UnsupportedOperationException",
  });
  for (const [KeyId, name] of [
    ["x", "NotFoundException"],
    ["6f5c3d5e-0000-4000-8000-000000000000", "NotFoundException"],
    ["alias/none", "NotFoundException"],
    [`arn:aws:kms:eu-west-1:${account}:key/6f5c3d5e-0000-4000-8000-000000000000`, "InvalidArnException"],
    ["arn:nothing", "InvalidArnException"],
  ] as const) {
    await assert.rejects(client.send(new aws.DescribeKeyCommand({ KeyId })), { name });
  }
});
