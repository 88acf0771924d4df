/**
 * Certificates by ACME, renewed when two thirds of their time are over. The account's key and the certificate with its own key
 * are in `tls/acme` of the state directory, for each server apart; the latter two are one file, so that they always
 * belong together.
 */
import { createPrivateKey, generateKeyPairSync, hash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../base/clock.ts";
import { asideName, emptyAside, readIfThere, replaceDurably } from "../../../base/durable-file.ts";
import type { CertificateSource, KeyPair } from "../contract.ts";
import { makeSigningRequest } from "../openssl.ts";
import { certificatesOf } from "../pair.ts";
import { readBinding } from "./binding.ts";
import { withChallenges, type Listener } from "./challenges.ts";
import { openAcme } from "./client.ts";
import { orderCertificate } from "./order.ts";

export interface AcmeSettings {
  readonly directoryUrl: string;
  readonly email: string;
  /** File with what binds the account to one of the CA's; empty: none. */
  readonly bindingFile: string;
  /** DNS names. */
  readonly names: readonly string[];
  /** Where challenges are answered. */
  readonly challenges: Listener;
}

export interface AcmeCertificates extends AcmeSettings {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

const LOOK_EVERY_MS = 60_000;
/** After a failure: ACME servers count them, and refuse who fails too often. */
const RETRY_MS = 60 * 60 * 1000;

/** Takes the certificate that is there, or waits for one. Throws KilnError ACME_FAILED, ACME_PORT_IN_USE, OPENSSL_…. */
export async function acmeCertificates(options: AcmeCertificates): Promise<CertificateSource> {
  const { directoryUrl, names, stateDir, clock, report } = options;
  const dir = join(stateDir, "tls", "acme", hash("sha256", directoryUrl, "hex").slice(0, 16));
  await emptyAside(asideOf(dir));
  const ended = new AbortController();
  const obtained = (): Promise<KeyPair> => obtain(dir, file, options, ended.signal);
  const file = join(dir, "certificate.pem");
  const kept = await readPair(file);
  let pair = kept !== undefined && isGood(kept, names, clock()) ? kept : await obtained();
  let notBefore = 0;
  let renewing: Promise<void> | undefined;
  const listeners: ((pair: KeyPair) => void)[] = [];

  async function renew(): Promise<void> {
    try {
      pair = await obtained();
      for (const listener of listeners) listener(pair);
    } catch (error) {
      if (ended.signal.aborted) return;
      notBefore = clock() + RETRY_MS;
      report(error);
    }
  }

  function look(asked: boolean): Promise<void> {
    const due = isDue(pair, clock()) && (asked || clock() >= notBefore);
    if (due) renewing ??= renew().finally(() => (renewing = undefined));
    return renewing ?? Promise.resolve();
  }

  if (isDue(pair, clock())) void look(false);
  const timer = setInterval(() => void look(false), LOOK_EVERY_MS);
  timer.unref();
  return {
    current: () => pair,
    listen: (listener) => void listeners.push(listener),
    look: () => look(true),
    caFile: undefined,
    close() {
      clearInterval(timer);
      ended.abort();
    },
  };
}

async function obtain(dir: string, file: string, options: AcmeCertificates, signal: AbortSignal): Promise<KeyPair> {
  const { names, directoryUrl, email, bindingFile, challenges } = options;
  const binding = bindingFile === "" ? undefined : () => readBinding(bindingFile);
  const account = createPrivateKey(await accountKey(dir));
  const client = await openAcme({ directoryUrl, email, binding, signal, key: account });
  const key = newKey();
  const keyFile = join(asideOf(dir), asideName());
  let csr: Buffer;
  try {
    await writeFile(keyFile, key, { mode: 0o600 });
    csr = await makeSigningRequest(keyFile, names);
  } finally {
    await rm(keyFile, { force: true });
  }
  const cert = await withChallenges(challenges, (answers) => orderCertificate(client, names, csr, answers));
  await write(dir, file, key + cert);
  return { cert, key };
}

/** What is being written; emptied by the next start where a kill has left something. */
function asideOf(dir: string): string {
  return join(dir, "aside");
}

/** Made at the first start. Whoever loses it makes another account. */
async function accountKey(dir: string): Promise<string> {
  const file = join(dir, "account.key");
  const there = await readIfThere(file);
  if (there !== undefined) return there;
  const key = newKey();
  await write(dir, file, key);
  return key;
}

async function readPair(file: string): Promise<KeyPair | undefined> {
  const text = await readIfThere(file);
  const at = text?.indexOf("-----BEGIN CERTIFICATE-----") ?? -1;
  return text === undefined || at < 0 ? undefined : { key: text.slice(0, at), cert: text.slice(at) };
}

/** Another one is wanted where the names have changed, too. */
function isGood({ cert, key }: KeyPair, names: readonly string[], now: number): boolean {
  const [own] = certificatesOf(cert);
  if (own === undefined || own.validToDate.getTime() <= now || !own.checkPrivateKey(createPrivateKey(key)))
    return false;
  return names.every((name) => own.checkHost(name, { subject: "never" }) !== undefined);
}

function isDue({ cert }: KeyPair, now: number): boolean {
  const [own] = certificatesOf(cert);
  if (own === undefined) return true;
  const [begin, end] = [own.validFromDate.getTime(), own.validToDate.getTime()];
  return now >= end - (end - begin) / 3;
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function write(dir: string, file: string, text: string): Promise<void> {
  return replaceDurably(join(asideOf(dir), asideName()), file, text);
}
