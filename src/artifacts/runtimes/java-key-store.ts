/**
 * What Java's programs trust, as Debian's ca-certificates-java would write it: a key store of the type JKS, whose format is
 * that of OpenJDK's sun.security.provider.JavaKeyStore. Integers are big-endian; a string is its length in 2 bytes and
 * its bytes.
 */
import { createHash } from "node:crypto";

const MAGIC = 0xfeed_feed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
/** The one that every Java knows; what it protects is public. */
const PASSWORD = "changeit";
const WHITENER = "Mighty Aphrodite";

export interface TrustedCertificate {
  /** Lower case and unique. */
  alias: string;
  /** DER. */
  bytes: Uint8Array;
}

export function javaKeyStore(certificates: readonly TrustedCertificate[]): Buffer {
  const content = Buffer.concat([
    uint32(MAGIC),
    uint32(VERSION),
    uint32(certificates.length),
    ...certificates.flatMap(({ alias, bytes }) => [
      uint32(TRUSTED_CERTIFICATE),
      text(alias),
      // When it was put in, in ms since the epoch: never, so that the same certificates make the same file.
      Buffer.alloc(8),
      text("X.509"),
      uint32(bytes.byteLength),
      bytes,
    ]),
  ]);
  const digest = createHash("sha1")
    .update(Buffer.from(PASSWORD, "utf16le").swap16())
    .update(WHITENER)
    .update(content)
    .digest();
  return Buffer.concat([content, digest]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
