/** Keys in files: sealed secrets, and the root key of an account. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { openRootKey, rootKeyFile, writeRootKey } from "../../src/security/root/root-key.ts";
import { earlierSecretBox } from "../../src/security/secrets/earlier-box.ts";
import { createSecretBox } from "../../src/security/secrets/secret-box.ts";
import { testSealer } from "../support/sealer.ts";

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "kiln-keys-"));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

test("what is sealed opens with the same key and purpose only, and not when a bit of it has changed", () => {
  const sealer = testSealer();
  const box = createSecretBox(sealer);
  const again = createSecretBox(sealer);
  const other = createSecretBox(testSealer());
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), fc.nat(), (secret, purpose, at) => {
      const sealed = box.seal(secret, purpose);
      assert.equal(again.open(sealed, purpose), secret);
      assert.equal(other.open(sealed, purpose), undefined);
      assert.equal(box.open(sealed, `${purpose}.`), undefined);
      assert.notEqual(box.seal(secret, purpose), sealed);
      const bytes = Buffer.from(sealed.split(".")[1] ?? "", "base64url");
      const index = at % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ 1;
      const changed = `v2.${bytes.toString("base64url")}`;
      assert.equal(box.open(changed, purpose), undefined);
    }),
  );
  assert.equal(box.open("", ""), undefined);
  assert.equal(box.open("v1.00000000.AAAA", ""), undefined);
  assert.equal(box.open("v2.AAAA", ""), undefined);
});

test("what was sealed under secret.key still opens, and its file is its owner's alone", async (context) => {
  const file = join(folder(context), "secret.key");
  assert.equal(await earlierSecretBox(file), undefined);
  writeFileSync(file, randomBytes(32).toString("base64"), { mode: 0o600 });
  const earlier = await earlierSecretBox(file);
  const sealed = earlier?.seal("a secret", "a purpose") ?? "";
  const box = createSecretBox(testSealer(), earlier);
  assert.equal(box.open(sealed, "a purpose"), "a secret");
  assert.equal(box.open(sealed, "another"), undefined);
  chmodSync(file, 0o640);
  await assert.rejects(earlierSecretBox(file), { code: "SECRET_KEY_UNUSABLE" });
  chmodSync(file, 0o600);
  writeFileSync(file, "short");
  await assert.rejects(earlierSecretBox(file), { code: "SECRET_KEY_UNUSABLE" });
});

test("the root key is made once, rotates with its file, and outlives a broken one", async (context) => {
  const file = rootKeyFile(folder(context));
  const changes: string[] = [];
  const reports: unknown[] = [];
  const options = {
    file,
    account: "123456789012",
    report: (error: unknown) => void reports.push(error),
  };
  const root = await openRootKey(options);
  root.listen(({ accessKeyId }) => void changes.push(accessKeyId));
  const first = root.current();
  assert.match(first.accessKeyId, /^AKIA[A-Z2-7]{16}$/);
  assert.match(first.secretAccessKey, /^[A-Za-z0-9+/]{40}$/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual((await openRootKey(options)).current(), first);

  const second = await writeRootKey(file, "123456789012");
  assert.deepEqual(await root.find(second.accessKeyId), second);
  assert.equal(await root.find(first.accessKeyId), undefined);
  assert.deepEqual(changes, [second.accessKeyId]);

  const text = readFileSync(file);
  writeFileSync(file, "{");
  assert.equal(await root.find("AKIAANOTHER"), undefined);
  assert.deepEqual(await root.find(second.accessKeyId), second);
  assert.equal(reports.length, 1);
  rmSync(file);
  assert.equal(await root.find("AKIAANOTHER"), undefined);
  assert.deepEqual(await root.find(second.accessKeyId), second);
  writeFileSync(file, text, { mode: 0o600 });
  await assert.rejects(openRootKey({ ...options, account: "999999999999" }), { code: "ROOT_OF_ANOTHER_ACCOUNT" });
  chmodSync(file, 0o644);
  await assert.rejects(openRootKey(options), { code: "ROOT_KEY_UNUSABLE" });
});
