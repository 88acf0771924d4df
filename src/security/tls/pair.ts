/** What has to be true of a certificate and its key before a listener may have them. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { KilnError, messageOf } from "../../base/errors.ts";
import type { KeyPair } from "./contract.ts";

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** All certificates of a PEM text in their order: the listener's own, then its issuers. Throws Error. */
export function certificatesOf(pem: string): X509Certificate[] {
  return (pem.match(certificateBlock) ?? []).map((block) => new X509Certificate(block));
}

/** Throws KilnError TLS_CERTIFICATE_UNUSABLE: not PEM, not the key of this certificate, over, or encrypted. */
export function checkPair({ cert, key }: KeyPair, named: string, now: number): void {
  const [own] = readable(() => certificatesOf(cert), named, "holds no certificate that can be read");
  if (own === undefined) throw unusable(named, "holds no certificate in PEM form");
  const secret = readable(
    () => createPrivateKey(key),
    named,
    "has a key that cannot be read (PEM, without a passphrase)",
  );
  if (!own.checkPrivateKey(secret)) throw unusable(named, "does not belong to the key");
  if (own.validToDate.getTime() <= now) throw unusable(named, `ended on ${own.validToDate.toISOString()}`);
}

function readable<T>(read: () => T, named: string, why: string): T {
  try {
    return read();
  } catch (error) {
    throw unusable(named, `${why}: ${messageOf(error)}`, error);
  }
}

function unusable(named: string, why: string, cause?: unknown): KilnError {
  return new KilnError("TLS_CERTIFICATE_UNUSABLE", `The certificate ${named} ${why}.`, {
    hint: "Give a PEM file with the certificate and its chain as --tls-cert, and its private key as --tls-key.",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The end of the listener's certificate, in ms since the epoch. */
export function endOf(cert: string): number {
  return certificatesOf(cert)[0]?.validToDate.getTime() ?? 0;
}

/**
 * The name by which clients reach a listener, so that its certificate is good for it: its address where the certificate
 * names that, else `localhost`, else the first name that it has.
 */
export function nameFor(cert: string, host: string): string {
  const [own] = certificatesOf(cert);
  if (own === undefined) return host;
  const covers = (name: string): boolean =>
    (isIP(name) === 0 ? own.checkHost(name, { subject: "never" }) : own.checkIP(name)) !== undefined;
  const named = [...(own.subjectAltName ?? "").matchAll(/DNS:([^,\s*]+)/g)].map((match) => match[1] ?? "");
  return [host, "localhost", ...named].find(covers) ?? host;
}

/** True where the file says by itself what to trust: it holds a certificate that has issued itself. */
export function hasOwnRoot(cert: string): boolean {
  return certificatesOf(cert).some((one) => one.subject === one.issuer);
}
