/** What the listener asks of TLS. */
import type { IncomingMessage } from "node:http";
import type { SecureContextOptions } from "node:tls";

/** PEM. */
export interface EdgeKeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface EdgeTls {
  current(): EdgeKeyPair;
  /** Tells when another pair has taken its place: connections that begin from then on get that one. */
  listen(listener: (pair: EdgeKeyPair) => void): void;
  /** How long browsers are to use nothing but TLS for a name that they have seen, in seconds; 0: not said. */
  readonly hstsSeconds: number;
}

/** Mozilla's intermediate configuration without the ciphers that have no forward secrecy by elliptic curves. */
const ciphers = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

export function secureContext({ cert, key }: EdgeKeyPair): SecureContextOptions {
  return { cert, key, ciphers, minVersion: "TLSv1.2" };
}

const ownName = /^localhost(:\d+)?$/i;

/**
 * Strict-Transport-Security for what browsers open (RFC 6797). Not for `localhost` itself: browsers keep it by name without
 * the port, and would refuse every other program there that has no TLS.
 */
export function hstsOf({ headers }: IncomingMessage, seconds: number): string | undefined {
  return seconds === 0 || ownName.test(headers.host ?? "localhost") ? undefined : `max-age=${seconds}`;
}
