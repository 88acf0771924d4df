/** `keys.json` in the state directory: the data keys, each wrapped by a root. Useless without that. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readIfThere, replaceDurably } from "../../base/durable-file.ts";
import { KilnError } from "../../base/errors.ts";
import type { DataKey } from "./data-keys.ts";
import { rootKeyId } from "./key-file.ts";
import type { OuterRoot, Wrapped } from "./roots/contract.ts";
import { unwrapWith, wrapWith } from "./wrap.ts";

const FORMAT = 1;
const KEY_BYTES = 32;

interface WrappedKey {
  id: string;
  createdAt: string;
  /** Which root wraps it: the id of a key of the key file, or what another root calls itself. */
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
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
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

/** The keys of a key file, and the root that is configured beside or instead of it. */
export interface Roots {
  readonly keys: readonly Buffer[];
  readonly outer?: OuterRoot | undefined;
}

/** Throws KilnError KEYS_UNUSABLE when a key was wrapped by a root that is not among these, ROOT_…. */
export async function unwrapRing(file: string, document: RingDocument, roots: Roots): Promise<Ring> {
  const keys: DataKey[] = [];
  for (const wrapped of document.keys) {
    const { id, createdAt } = wrapped;
    keys.push({ id, createdAt, secret: await unwrap(file, document.ring, wrapped, roots) });
  }
  return { id: document.ring, keys };
}

/** Whole or not at all, whenever the power fails. */
export async function writeRing(file: string, { id: ring, keys }: Ring, root: Buffer | OuterRoot): Promise<void> {
  const document: RingDocument = { format: FORMAT, ring, keys: [] };
  for (const key of keys) {
    const wrapped = await wrap(root, key.secret, contextOf(ring, key));
    document.keys.push({ id: key.id, createdAt: key.createdAt, ...wrapped });
  }
  await replaceDurably(`${file}.new`, file, `${JSON.stringify(document, undefined, 2)}\n`);
}

function contextOf(ring: string, { id, createdAt }: Pick<WrappedKey, "id" | "createdAt">): Buffer {
  return Buffer.from(`kiln data key\0${ring}\0${id}\0${createdAt}`);
}

async function wrap(root: Buffer | OuterRoot, secret: Buffer, context: Buffer): Promise<Wrapped> {
  if (!Buffer.isBuffer(root)) return root.wrap(secret, context);
  return { root: rootKeyId(root), wrapped: wrapWith(root, secret, context).toString("base64") };
}

async function unwrap(file: string, ring: string, wrapped: WrappedKey, { keys, outer }: Roots): Promise<Buffer> {
  const context = contextOf(ring, wrapped);
  let secret: Buffer | undefined;
  if (outer?.knows(wrapped.root) === true) secret = await outer.unwrap(wrapped, context);
  else {
    const root = keys.find((each) => rootKeyId(each) === wrapped.root);
    if (root === undefined) throw unusable(file, "belongs to another key file, or to another root");
    secret = unwrapWith(root, Buffer.from(wrapped.wrapped, "base64"), context);
  }
  if (secret?.length !== KEY_BYTES) throw unusable(file, "is damaged");
  return secret;
}

export function unusable(file: string, why: string, cause?: unknown): KilnError {
  return new KilnError("KEYS_UNUSABLE", `${file} ${why}.`, {
    hint: "Nothing in the state directory can be read without it: put it back from a backup, with its key file.",
    ...(cause === undefined ? {} : { cause }),
  });
}
