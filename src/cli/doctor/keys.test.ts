import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openAuditKey } from "../../security/audit/key.ts";
import { openKeyRing, ringFile } from "../../security/keys/index.ts";
import { checkKeys } from "./keys.ts";

test("where the keys are, and what is wrong with them", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "kiln-doctor-keys-"));
  context.after(() => rm(folder, { recursive: true }));
  const stateDir = join(folder, "state");
  await mkdir(stateDir);
  const places = {
    stateDir,
    runtimesDir: folder,
    runDir: folder,
    keyFile: join(folder, "state.key"),
    keyRoot: { kind: "file" as const },
    audit: { keyFile: join(folder, "state.audit.key"), earlierKeyFile: join(stateDir, "audit.key") },
  };
  const states = async (of = places) => (await checkKeys(of)).map(({ status }) => status);
  assert.deepEqual(await states(), ["info", "info"]);

  const { keyFile, audit } = places;
  (await openKeyRing({ file: ringFile(stateDir), keyFile, report: (error) => assert.fail(String(error)) })).close();
  await openAuditKey(audit.earlierKeyFile);
  assert.match((await checkKeys(places))[1]?.detail ?? "", /the next start moves it to/);
  await openAuditKey(audit.keyFile, audit.earlierKeyFile);
  const [key, ofAudit] = await checkKeys(places);
  assert.deepEqual([key?.status, ofAudit?.status], ["ok", "ok"]);
  assert.match(key?.detail ?? "", /state\.key, mode 0600; keep a copy/);

  await chmod(keyFile, 0o640);
  await chmod(audit.keyFile, 0o604);
  const open = await checkKeys(places);
  assert.deepEqual(
    open.map(({ status, todo }) => [status, todo]),
    [
      ["missing", `chmod 600 ${keyFile}`],
      ["missing", `chmod 600 ${audit.keyFile}`],
    ],
  );
  await chmod(keyFile, 0o600);
  await chmod(audit.keyFile, 0o600);

  const inside = { ...places, keyFile: join(stateDir, "key"), audit: { ...audit, keyFile: join(stateDir, "a.key") } };
  await rename(keyFile, inside.keyFile);
  await rename(audit.keyFile, inside.audit.keyFile);
  assert.deepEqual(await states(inside), ["warning", "warning"]);
  assert.deepEqual(await states(), ["missing", "info"]);
});
