/**
 * A certification authority of this one Kiln, for machines that no public one can vouch for. Its key is in `tls/` of the
 * state directory. The listener's certificates are made from it as they are needed: they live for a week and are
 * renewed after two days, so a leaked one is soon good for nothing.
 */
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { asideName, makeDirectory, readIfThere, replaceDurably } from "../../base/durable-file.ts";
import { KilnError } from "../../base/errors.ts";
import type { CertificateSource, KeyPair } from "./contract.ts";
import { makeCertificate } from "./openssl.ts";
import { endOf } from "./pair.ts";

const day = 24 * 60 * 60 * 1000;
const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 7;
/** Where a certificate ends before this, another one is made. */
const RENEW_BEFORE_MS = 5 * day;
const LOOK_EVERY_MS = 60 * 60 * 1000;
/** What is made in has a name of its own, and is removed by the next start where a kill has left it. */
const MAKING = ".making-";

export function localCaFile(stateDir: string): string {
  return join(stateDir, "tls", "ca.pem");
}

export interface LocalCertificates {
  readonly stateDir: string;
  /** DNS names, which may begin with `*.`, and IP addresses. */
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

/** Makes the authority at the first start, and a certificate for these names. Throws KilnError. */
export async function localCertificates(options: LocalCertificates): Promise<CertificateSource> {
  const { stateDir, names, clock, report } = options;
  const dir = join(stateDir, "tls");
  await makeDirectory(dir);
  for (const name of await readdir(dir)) {
    if (name.startsWith(MAKING)) await rm(join(dir, name), { recursive: true, force: true });
  }
  await openAuthority(dir, clock());
  let pair = await issue(dir, names);
  const listeners: ((pair: KeyPair) => void)[] = [];

  async function renew(): Promise<void> {
    if (endOf(pair.cert) - clock() > RENEW_BEFORE_MS) return;
    try {
      pair = await issue(dir, names);
      for (const listener of listeners) listener(pair);
    } catch (error) {
      report(error);
    }
  }

  const timer = setInterval(() => void renew(), LOOK_EVERY_MS);
  timer.unref();
  return {
    current: () => pair,
    listen: (listener) => void listeners.push(listener),
    look: renew,
    caFile: localCaFile(stateDir),
    close: () => clearInterval(timer),
  };
}

/**
 * The certificate is written after its key, so a kill in between leaves a key without its certificate: then both are made
 * anew, as nobody can have trusted them. An authority that is there is never replaced without a word: people trust it.
 */
async function openAuthority(dir: string, now: number): Promise<void> {
  const [keyFile, certFile] = [join(dir, "ca.key"), join(dir, "ca.pem")];
  const cert = await readIfThere(certFile);
  if (cert === undefined) {
    await writeFileDurably(dir, keyFile, newKey());
    const made = await makeCertificate({
      keyFile,
      commonName: `Kiln local CA ${asideName().slice(0, 8)}`,
      days: AUTHORITY_DAYS,
      extensions: ["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign,cRLSign"],
    });
    await writeFileDurably(dir, certFile, made);
    return;
  }
  const key = await readIfThere(keyFile);
  if (key === undefined || !belong(cert, key)) throw unusable(dir, "has lost its key");
  if (endOf(cert) - now < (LEAF_DAYS + 1) * day) throw unusable(dir, "comes to its end");
}

function belong(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function unusable(dir: string, why: string): KilnError {
  return new KilnError("LOCAL_CA_UNUSABLE", `The local CA in ${dir} ${why}.`, {
    hint: `Remove ${dir}, start again, and let clients trust the new one: kiln tls trust`,
  });
}

/** A fresh key each time; it is in a file only while openssl reads it. */
async function issue(dir: string, names: readonly string[]): Promise<KeyPair> {
  const folder = await mkdtemp(join(dir, MAKING));
  try {
    const key = newKey();
    const keyFile = join(folder, "key.pem");
    await writeFile(keyFile, key, { mode: 0o600 });
    const cert = await makeCertificate({
      keyFile,
      commonName: "Kiln",
      days: LEAF_DAYS,
      extensions: [
        "basicConstraints=critical,CA:FALSE",
        "keyUsage=critical,digitalSignature",
        "extendedKeyUsage=serverAuth",
        "authorityKeyIdentifier=keyid",
        `subjectAltName=${names.map((name) => `${isIP(name) === 0 ? "DNS" : "IP"}:${name}`).join(",")}`,
      ],
      issuer: { certFile: join(dir, "ca.pem"), keyFile: join(dir, "ca.key") },
    });
    return { cert, key };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function newKey(): string {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  }) as string;
}

function writeFileDurably(dir: string, file: string, text: string): Promise<void> {
  return replaceDurably(join(dir, `${MAKING}${asideName()}`), file, text);
}
