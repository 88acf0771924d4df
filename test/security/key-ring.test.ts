/** The keys of a state directory: made, opened, rotated, and rotated by a process that is killed. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createSealer, openKeyRing, ringFile, rotateKeys, type KeyRing } from "../../src/security/keys/index.ts";

interface Place {
  file: string;
  keyFile: string;
  open: () => Promise<KeyRing>;
}

function place(context: TestContext): Place {
  const dir = mkdtempSync(join(tmpdir(), "kiln-ring-"));
  context.after(() => rmSync(dir, { recursive: true }));
  const file = ringFile(dir);
  const keyFile = join(dir, "root.key");
  const open = async () => {
    const ring = await openKeyRing({ file, keyFile, report: (error) => assert.fail(String(error)) });
    context.after(() => ring.close());
    return ring;
  };
  return { file, keyFile, open };
}

function rootKeys(file: string): string[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("ring "));
}

test("the keys are made once, and open with their key file alone", async (context) => {
  const { file, keyFile, open } = place(context);
  const sealed = createSealer(await open()).seal(Buffer.from("text"), "");
  assert.equal(statSync(keyFile).mode & 0o777, 0o600);
  const again = await open();
  assert.equal(createSealer(again).open(sealed, "").toString(), "text");
  const secret = again.current().secret;
  const stored = readFileSync(file);
  for (const form of [secret, Buffer.from(secret.toString("base64")), Buffer.from(secret.toString("hex"))]) {
    assert.ok(!stored.includes(form));
  }

  copyFileSync(keyFile, `${keyFile}.kept`);
  rmSync(keyFile);
  await assert.rejects(open(), { code: "KEY_FILE_MISSING" });
  writeFileSync(keyFile, randomBytes(32).toString("base64"), { mode: 0o600 });
  await assert.rejects(open(), { code: "KEYS_UNUSABLE" });
  writeFileSync(keyFile, `ring 0000\n${randomBytes(32).toString("base64")}\n`);
  await assert.rejects(open(), { code: "KEY_FILE_OF_ANOTHER" });
  writeFileSync(keyFile, "short");
  await assert.rejects(open(), { code: "KEY_FILE_UNUSABLE" });
  copyFileSync(`${keyFile}.kept`, keyFile);
  chmodSync(keyFile, 0o644);
  await assert.rejects(open(), { code: "KEY_FILE_UNUSABLE" });
  chmodSync(keyFile, 0o600);
  assert.equal(
    createSealer(await open())
      .open(sealed, "")
      .toString(),
    "text",
  );
});

test("a rotation changes the root key and what is written with; a ring that is open follows", async (context) => {
  const { file, keyFile, open } = place(context);
  const ring = await open();
  const sealer = createSealer(ring);
  const before = sealer.seal(Buffer.from("before"), "");
  const [root] = rootKeys(keyFile);
  const first = ring.current().id;
  const rotation = await rotateKeys(file, keyFile);
  assert.equal(rotation.oldKept, false);
  assert.equal(rootKeys(keyFile).length, 1);
  assert.notEqual(rootKeys(keyFile)[0], root);
  while (ring.current().id === first) await sleep(50);
  assert.equal(ring.current().id, rotation.dataKeyId);
  const after = sealer.seal(Buffer.from("after"), "");
  const other = createSealer(await open());
  assert.equal(other.open(before, "").toString(), "before");
  assert.equal(other.open(after, "").toString(), "after");
});

test("a key file that Kiln has not made keeps its keys: it may serve others", async (context) => {
  const { file, keyFile, open } = place(context);
  const given = randomBytes(32).toString("base64");
  writeFileSync(keyFile, `${given}\n`, { mode: 0o600 });
  await open();
  assert.equal((await rotateKeys(file, keyFile)).oldKept, true);
  assert.deepEqual(rootKeys(keyFile).slice(1), [given]);
  await open();
});

test("rotations that are killed lose nothing", async (context) => {
  const { file, keyFile, open } = place(context);
  const first = await open();
  const sealed = [createSealer(first).seal(Buffer.from("0"), "")];
  first.close();
  let rotated = 0;
  for (let kill = 1; kill <= 12; kill += 1) {
    const rotator = spawn(process.execPath, [join(import.meta.dirname, "rotator.ts"), file, keyFile], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(rotator.stdout, "data");
    await sleep(Math.random() * 60);
    rotator.kill("SIGKILL");
    await once(rotator, "exit");
    const ring = await open();
    const sealer = createSealer(ring);
    sealed.push(sealer.seal(Buffer.from(String(kill)), ""));
    for (const [index, bytes] of sealed.entries()) assert.equal(sealer.open(bytes, "").toString(), String(index));
    if (ring.current().id !== first.current().id) rotated += 1;
    ring.close();
  }
  assert.ok(rotated > 0, "some rotation came to its end");
  await rotateKeys(file, keyFile);
  assert.equal(rootKeys(keyFile).length, 1);
  const sealer = createSealer(await open());
  for (const [index, bytes] of sealed.entries()) assert.equal(sealer.open(bytes, "").toString(), String(index));
});
