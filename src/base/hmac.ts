/**
 * HMAC-SHA256 (RFC 2104) as the two hashes that it is, of texts that come by the thousands: `createHmac` makes an object of
 * OpenSSL's for each of them, which costs more than both hashes, and with a key that is a Buffer it makes the key anew too.
 */
import { hash } from "node:crypto";

const BLOCK = 64;
const DIGEST = 32;
/** Bytes of a text for which nothing has to be made. */
const USUAL = 8 * 1024;
const inner = Buffer.alloc(BLOCK + USUAL);
const outer = Buffer.alloc(BLOCK + DIGEST);

export class HmacKey {
  readonly #inner = Buffer.alloc(BLOCK, 0x36);
  readonly #outer = Buffer.alloc(BLOCK, 0x5c);

  /** The key is copied. */
  constructor(key: Uint8Array) {
    const bytes = key.length > BLOCK ? hash("sha256", key, "buffer") : key;
    bytes.forEach((byte, index) => {
      this.#inner[index] = byte ^ 0x36;
      this.#outer[index] = byte ^ 0x5c;
    });
  }

  /** Of the text as UTF-8. */
  sign(text: string, encoding: "hex" | "base64url"): string {
    const length = Buffer.byteLength(text);
    const message = length > USUAL ? Buffer.alloc(BLOCK + length) : inner;
    message.set(this.#inner);
    message.write(text, BLOCK, "utf8");
    outer.set(this.#outer);
    outer.write(hash("sha256", message.subarray(0, BLOCK + length), "binary"), BLOCK, "latin1");
    return hash("sha256", outer, encoding);
  }
}
