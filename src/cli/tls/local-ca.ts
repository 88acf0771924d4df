/** The local CA of a state directory, and what this machine trusts. */
import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { access, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemCode } from "../../base/errors.ts";
import { localCaFile } from "../../security/tls/index.ts";
import { CommandError } from "../errors.ts";

export interface LocalCa {
  readonly file: string;
  readonly pem: string;
  /** SHA-256, hex pairs with colons. */
  readonly fingerprint: string;
  /** RFC 3339 */
  readonly validTo: string;
}

const systemFolder = "/usr/local/share/ca-certificates";

export async function readLocalCa(stateDir: string): Promise<LocalCa> {
  const file = localCaFile(stateDir);
  let pem: string;
  try {
    pem = await readFile(file, "utf8");
  } catch (error) {
    if (systemCode(error) !== "ENOENT" && systemCode(error) !== "ENOTDIR") throw error;
    throw new CommandError(`There is no local CA in ${stateDir}.`, "The first start with --tls local makes it.", error);
  }
  const { fingerprint256, validToDate } = new X509Certificate(pem);
  return { file, pem, fingerprint: fingerprint256, validTo: validToDate.toISOString() };
}

/** One file for each CA, so that several Kilns do not take one another's place. */
function systemFile({ fingerprint }: LocalCa): string {
  return join(systemFolder, `kiln-${fingerprint.replaceAll(":", "").slice(0, 16).toLowerCase()}.crt`);
}

/** Answers with what was done, in words. */
export async function install(ca: LocalCa): Promise<string> {
  const file = systemFile(ca);
  await changing(() => writeFile(file, ca.pem, { mode: 0o644 }));
  await update();
  return `This machine trusts the CA of ${ca.file} now: ${file}`;
}

export async function uninstall(ca: LocalCa): Promise<string> {
  const file = systemFile(ca);
  await changing(() => rm(file, { force: true }));
  await update();
  return `This machine does not trust the CA of ${ca.file} any more.`;
}

async function changing(change: () => Promise<void>): Promise<void> {
  try {
    await access(systemFolder);
    await change();
  } catch (error) {
    const hint =
      systemCode(error) === "ENOENT"
        ? "It is Debian's and Ubuntu's way. Elsewhere add the file by the system's own means, for instance `trust anchor FILE`."
        : "Run it as root.";
    throw new CommandError(`${systemFolder} cannot be changed.`, hint, error);
  }
}

async function update(): Promise<void> {
  try {
    await promisify(execFile)("update-ca-certificates", [], { timeout: 120_000 });
  } catch (error) {
    throw new CommandError("update-ca-certificates failed, so the change has no effect yet.", "Run it by hand.", error);
  }
}
