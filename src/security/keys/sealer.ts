/**
 * AES-256-GCM under keys that are derived from the data keys. Each process, and each stream, draws a salt of 16 bytes and
 * derives a key of its own (HKDF-SHA-256), under which nonces are counted: none is used twice, however much is sealed, and
 * random nonces would end at 2^32 messages of a key (NIST SP 800-38D, 8.3).
 *
 *     message: magic 1 | key id | salt | count (6 bytes) | ciphertext | tag
 *     stream:  magic 2 | key id | salt | chunks of 64 KiB, each with its tag
 *
 * A chunk's nonce has its number and whether it is the last one (Hoang, Reyhanitabar, Rogaway, Vizár: "Online
 * Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", STREAM).
 */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { type Sealer, SEAL_HEAD_BYTES } from "../../store/contract.ts";
import { type DataKeys, keyMissing, unreadable } from "./data-keys.ts";

const ALGORITHM = "aes-256-gcm";
/** No text in UTF-8 begins so, nor does anything else that Kiln wrote before it had keys. */
const MESSAGE = Buffer.from([0xf5, 0x4b, 0x53, 0x01]);
const STREAM = Buffer.from([0xf5, 0x4b, 0x53, 0x02]);
const ID_BYTES = 4;
const SALT_BYTES = 16;
const COUNT_BYTES = 6;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MESSAGE_HEAD = SEAL_HEAD_BYTES + COUNT_BYTES;
const CHUNK_BYTES = 64 * 1024;
const SEALED_CHUNK = CHUNK_BYTES + TAG_BYTES;
const MAX_COUNT = 2 ** 32;
/** Derived keys that are kept: one for every process that has written what is read now. */
const MAX_DERIVED = 256;

interface Derived {
  /** The first bytes of all that it seals: whose key, and which salt. */
  readonly head: Buffer;
  /** As bytes a key is prepared anew for every message, which takes three times as long as sealing it. */
  readonly key: KeyObject;
}

export function createSealer(keys: DataKeys): Sealer {
  const opened = new Map<string, KeyObject>();
  let own: (Derived & { readonly id: string; count: number }) | undefined;

  function fresh(magic: Buffer): Derived & { id: string } {
    const { id, secret } = keys.current();
    const salt = randomBytes(SALT_BYTES);
    return { id, head: Buffer.concat([magic, Buffer.from(id, "hex"), salt]), key: derive(secret, salt) };
  }

  /** The key of a message or stream that begins with `head`. */
  function keyOf(head: Buffer): KeyObject {
    const id = head.toString("hex", MESSAGE.length, MESSAGE.length + ID_BYTES);
    const found = keys.find(id);
    if (found === undefined) throw keyMissing(id);
    return derive(found.secret, head.subarray(MESSAGE.length + ID_BYTES, SEAL_HEAD_BYTES));
  }

  function keyOfMessage(head: Buffer): KeyObject {
    const name = head.toString("latin1", MESSAGE.length, SEAL_HEAD_BYTES);
    const known = opened.get(name);
    if (known !== undefined) return known;
    const key = keyOf(head);
    const [oldest] = opened.keys();
    if (opened.size >= MAX_DERIVED && oldest !== undefined) opened.delete(oldest);
    opened.set(name, key);
    return key;
  }

  return {
    isSealed: (bytes) => bytes.length >= MESSAGE_HEAD + TAG_BYTES && begins(bufferOf(bytes), MESSAGE),

    seal(clear, context) {
      if (own === undefined || own.id !== keys.current().id || own.count === MAX_COUNT)
        own = { ...fresh(MESSAGE), count: 0 };
      const nonce = Buffer.alloc(NONCE_BYTES);
      nonce.writeUIntBE(own.count++, NONCE_BYTES - COUNT_BYTES, COUNT_BYTES);
      const cipher = createCipheriv(ALGORITHM, own.key, nonce).setAAD(Buffer.from(context));
      const text = cipher.update(clear);
      cipher.final();
      return Buffer.concat([own.head, nonce.subarray(-COUNT_BYTES), text, cipher.getAuthTag()]);
    },

    open(sealed, context) {
      const bytes = bufferOf(sealed);
      if (bytes.length < MESSAGE_HEAD + TAG_BYTES || !begins(bytes, MESSAGE)) throw unreadable(context);
      const nonce = Buffer.alloc(NONCE_BYTES);
      bytes.copy(nonce, NONCE_BYTES - COUNT_BYTES, SEAL_HEAD_BYTES, MESSAGE_HEAD);
      return decrypt(keyOfMessage(bytes), nonce, bytes.subarray(MESSAGE_HEAD), context);
    },

    async *sealStream(clear, context) {
      const { head, key } = fresh(STREAM);
      yield head;
      let number = 0;
      for await (const [chunk, last] of chunksOf(clear, CHUNK_BYTES)) {
        const cipher = createCipheriv(ALGORITHM, key, chunkNonce(number++, last)).setAAD(Buffer.from(context));
        const text = cipher.update(chunk);
        cipher.final();
        yield Buffer.concat([text, cipher.getAuthTag()]);
      }
    },

    async *openStream(sealed, context) {
      const rest = sealed[Symbol.asyncIterator]();
      let start: Buffer = Buffer.alloc(0);
      while (start.length < SEAL_HEAD_BYTES) {
        const next = await rest.next();
        if (next.done === true) throw unreadable(context);
        start = Buffer.concat([start, next.value]);
      }
      if (!begins(start, STREAM)) throw unreadable(context);
      const key = keyOf(start);
      let number = 0;
      for await (const [chunk, last] of chunksOf(followed(start.subarray(SEAL_HEAD_BYTES), rest), SEALED_CHUNK)) {
        yield decrypt(key, chunkNonce(number++, last), chunk, context);
      }
    },

    clearSize(head, size) {
      const bytes = bufferOf(head);
      if (bytes.length < SEAL_HEAD_BYTES || !begins(bytes, STREAM)) return undefined;
      const chunks = size - SEAL_HEAD_BYTES;
      return Math.max(0, chunks - Math.ceil(chunks / SEALED_CHUNK) * TAG_BYTES);
    },
  };
}

function derive(secret: Buffer, salt: Buffer): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync("sha256", secret, salt, "kiln seal 1", 32)));
}

function chunkNonce(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(number, NONCE_BYTES - 5);
  nonce.writeUInt8(last ? 1 : 0, NONCE_BYTES - 1);
  return nonce;
}

function decrypt(key: KeyObject, nonce: Buffer, sealed: Buffer, context: string): Buffer {
  if (sealed.length < TAG_BYTES) throw unreadable(context);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  const clear = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    // All that OpenSSL says is that the tag does not fit.
    throw unreadable(context);
  }
  return clear;
}

/** Pieces of `size` bytes, and at the end one of what is left: always one, which is empty only where there is nothing. */
async function* chunksOf(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<[Buffer, boolean]> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const piece of source) {
    if (piece.length === 0) continue;
    held.push(bufferOf(piece));
    length += piece.length;
    if (length <= size) continue;
    const all = Buffer.concat(held);
    let at = 0;
    // What fills a chunk may be the last of it: one is kept back until more is there.
    for (; all.length - at > size; at += size) yield [all.subarray(at, at + size), false];
    held = [all.subarray(at)];
    length = all.length - at;
  }
  yield [Buffer.concat(held), true];
}

async function* followed(first: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function begins(bytes: Buffer, magic: Buffer): boolean {
  return bytes.subarray(0, magic.length).equals(magic);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
