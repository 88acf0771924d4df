/** `keys.json` in the state directory: the data keys, each wrapped by a root key. Useless without the key file. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../../base/durable-file.ts";
import { KilnError, systemCode } from "../../base/errors.ts";
import type { DataKey } from "./data-keys.ts";
import { rootKeyId } from "./key-file.ts";

const FORMAT = 1;
const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

interface WrappedKey {
  id: string;
  createdAt: string;
  /** Which root key wraps it. */
  root: string;
  /** Base64 of nonce, ciphertext and tag. */
  wrapped: string;
}

interface RingDocument {
  format: number;
  /** Names the ring in its key file. */
  ring: string;
  /** The last one is current. */
  keys: WrappedKey[];
}

export interface Ring {
  readonly id: string;
  /** The last one is current. */
  readonly keys: readonly DataKey[];
}

export function ringFile(stateDir: string): string {
  return join(stateDir, "keys.json");
}

export function newRing(): Ring {
  return { id: randomBytes(8).toString("hex"), keys: [newDataKey([])] };
}

export function newDataKey(others: readonly DataKey[]): DataKey {
  for (;;) {
    const id = randomBytes(4).toString("hex");
    if (others.some((other) => other.id === id)) continue;
    return { id, secret: randomBytes(KEY_BYTES), createdAt: new Date().toISOString() };
  }
}

/** Undefined when there is none. Throws KilnError KEYS_UNUSABLE. */
export async function readRingDocument(file: string): Promise<RingDocument | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
  let document: Partial<RingDocument>;
  try {
    document = JSON.parse(text) as Partial<RingDocument>;
  } catch (cause) {
    throw unusable(file, "is damaged", cause);
  }
  const { format, ring, keys } = document;
  if (format !== FORMAT) throw unusable(file, `has the format ${String(format)}; this Kiln knows ${FORMAT}`);
  if (typeof ring !== "string" || !Array.isArray(keys) || keys.length === 0) throw unusable(file, "is damaged");
  return { format, ring, keys };
}

/** Throws KilnError KEYS_UNUSABLE when a key was wrapped by a root key that is not among these. */
export function unwrapRing(file: string, document: RingDocument, roots: readonly Buffer[]): Ring {
  const keys = document.keys.map((wrapped): DataKey => {
    const root = roots.find((each) => rootKeyId(each) === wrapped.root);
    if (root === undefined) throw unusable(file, "belongs to another key file");
    return { id: wrapped.id, createdAt: wrapped.createdAt, secret: unwrap(file, document.ring, wrapped, root) };
  });
  return { id: document.ring, keys };
}

/** Whole or not at all, whenever the power fails. */
export async function writeRing(file: string, { id: ring, keys }: Ring, root: Buffer): Promise<void> {
  const document: RingDocument = { format: FORMAT, ring, keys: keys.map((key) => wrap(ring, key, root)) };
  await writeDurably(
    `${file}.new`,
    async (handle) => void (await handle.write(`${JSON.stringify(document, undefined, 2)}\n`)),
    () => file,
  );
}

function contextOf(ring: string, { id, createdAt }: Pick<WrappedKey, "id" | "createdAt">): Buffer {
  return Buffer.from(`kiln data key\0${ring}\0${id}\0${createdAt}`);
}

function wrap(ring: string, key: DataKey, root: Buffer): WrappedKey {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, root, nonce).setAAD(contextOf(ring, key));
  const text = Buffer.concat([nonce, cipher.update(key.secret), cipher.final(), cipher.getAuthTag()]);
  return { id: key.id, createdAt: key.createdAt, root: rootKeyId(root), wrapped: text.toString("base64") };
}

function unwrap(file: string, ring: string, wrapped: WrappedKey, root: Buffer): Buffer {
  const bytes = Buffer.from(wrapped.wrapped, "base64");
  if (bytes.length !== NONCE_BYTES + KEY_BYTES + TAG_BYTES) throw unusable(file, "is damaged");
  const decipher = createDecipheriv(ALGORITHM, root, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(contextOf(ring, wrapped))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw unusable(file, "is damaged", cause);
  }
}

export function unusable(file: string, why: string, cause?: unknown): KilnError {
  return new KilnError("KEYS_UNUSABLE", `${file} ${why}.`, {
    hint: "Nothing in the state directory can be read without it: put it back from a backup, with its key file.",
    ...(cause === undefined ? {} : { cause }),
  });
}
