/** The files that everything else depends on: the key of what is encrypted, and the key of the audit. */
import { stat } from "node:fs/promises";
import { relative } from "node:path";
import { systemCode } from "../../base/errors.ts";
import { readAuditKey } from "../../security/audit/key.ts";
import { openRoot, readRingDocument, ringFile, type OuterRoot } from "../../security/keys/index.ts";
import { readKeyFile } from "../../security/keys/key-file.ts";
import { readRing } from "../../security/keys/key-ring.ts";
import type { Finding, Places } from "./check.ts";

export async function checkKeys({ stateDir, keyFile, keyRoot, audit }: Places): Promise<Finding[]> {
  const root = await openRoot(keyRoot);
  const ofKeys = root === undefined ? checkKeyFile(stateDir, keyFile) : checkRoot(stateDir, keyFile, root);
  return [await ofKeys, await checkAuditKey(stateDir, audit)];
}

/** Opens the keys with it, as a start would. */
async function checkRoot(stateDir: string, keyFile: string, root: OuterRoot): Promise<Finding> {
  const name = "root of keys";
  const document = await readRingDocument(ringFile(stateDir));
  if (document === undefined) return { name, status: "info", detail: `${root.name}: the first start uses it` };
  await readRing({ file: ringFile(stateDir), keyFile, root });
  if (document.keys.every((key) => root.knows(key.root))) return { name, status: "ok", detail: root.name };
  return {
    name,
    status: "warning",
    detail: `${root.name}, and ${keyFile} for keys that it has not wrapped yet`,
    todo: "kiln keys rotate",
  };
}

async function checkKeyFile(stateDir: string, keyFile: string): Promise<Finding> {
  const name = "key file";
  const mode = await modeOf(keyFile);
  const ring = ringFile(stateDir);
  if (mode === undefined) {
    if ((await readRingDocument(ring)) === undefined) {
      return { name, status: "info", detail: `${keyFile}: the first start makes it` };
    }
    return {
      name,
      status: "missing",
      detail: `${keyFile} is not there, and ${ring} cannot be opened without it`,
      todo: "put it back from a backup, or name it with KILN_KEY_FILE",
    };
  }
  const where = `${keyFile}, mode ${mode.toString(8).padStart(4, "0")}`;
  if ((mode & 0o077) !== 0) {
    return { name, status: "missing", detail: `${where}: others can read it`, todo: `chmod 600 ${keyFile}` };
  }
  // Says why where the two do not belong together.
  await readKeyFile(keyFile);
  await readRing({ file: ring, keyFile });
  if (isInside(stateDir, keyFile)) {
    return {
      name,
      status: "warning",
      detail: `${where}: it lies in the state directory, so a copy of that is readable to whoever gets it`,
      todo: "move it out, and name it with KILN_KEY_FILE",
    };
  }
  return { name, status: "ok", detail: `${where}; keep a copy apart from the backups of ${stateDir}` };
}

async function checkAuditKey(stateDir: string, { keyFile, earlierKeyFile }: Places["audit"]): Promise<Finding> {
  const name = "audit key";
  const mode = await modeOf(keyFile);
  if (mode === undefined) {
    const moves = (await modeOf(earlierKeyFile)) !== undefined;
    const detail = moves ? `${earlierKeyFile}: the next start moves it to ${keyFile}` : `${keyFile}: a start makes it`;
    return { name, status: "info", detail };
  }
  const where = `${keyFile}, mode ${mode.toString(8).padStart(4, "0")}`;
  if ((mode & 0o077) !== 0) {
    return { name, status: "missing", detail: `${where}: others can read it`, todo: `chmod 600 ${keyFile}` };
  }
  await readAuditKey(keyFile);
  if (!isInside(stateDir, keyFile)) return { name, status: "ok", detail: where };
  const detail = `${where}: it lies in the state directory, so whoever can write that can make up records`;
  return { name, status: "warning", detail, todo: "move it out, and name it with KILN_AUDIT_KEY_FILE" };
}

async function modeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mode & 0o777;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

function isInside(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== "" && path !== ".." && !path.startsWith("../");
}
