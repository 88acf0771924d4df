/**
 * The key of the account's root: made at the first start, in a file that only the user of Kiln can read. The file is the
 * key: whoever may write it rotates it, whoever has lost it makes a new one, and a running Kiln follows.
 */
import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asideName, makeDirectory, replaceDurably } from "../../base/durable-file.ts";
import { KilnError, systemCode } from "../../base/errors.ts";
import { randomText } from "../../base/ids.ts";

export interface RootKey {
  readonly account: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** RFC 3339 */
  readonly createdAt: string;
}

export function rootKeyFile(stateDir: string): string {
  return join(stateDir, "root-key.json");
}

const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const mixed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** An access key as AWS makes them: 16 characters behind `AKIA` or `ASIA`, and a secret of 40. */
export function newAccessKey(prefix: "AKIA" | "ASIA"): { accessKeyId: string; secretAccessKey: string } {
  return { accessKeyId: prefix + randomText(16, upper), secretAccessKey: randomText(40, mixed) };
}

/** Writes a new key in the place of what was there. Whole or not at all, whenever the power fails. */
export async function writeRootKey(file: string, account: string): Promise<RootKey> {
  const key: RootKey = { account, ...newAccessKey("AKIA"), createdAt: new Date().toISOString() };
  await makeDirectory(dirname(file));
  await replaceDurably(join(dirname(file), `.${asideName()}`), file, `${JSON.stringify(key, undefined, 2)}\n`);
  return key;
}

/** Undefined when there is none. Throws KilnError ROOT_KEY_UNUSABLE. */
export async function readRootKey(file: string): Promise<RootKey | undefined> {
  let text: string;
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0) throw unusable(file, "can be read by others than its owner");
    text = await readFile(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const key = JSON.parse(text) as Partial<RootKey>;
    const { account = "", accessKeyId = "", secretAccessKey = "", createdAt = "" } = key;
    if (!/^\d{12}$/.test(account) || !/^AKIA\w{16}$/.test(accessKeyId) || secretAccessKey.length < 40)
      throw new Error();
    return { account, accessKeyId, secretAccessKey, createdAt };
  } catch (cause) {
    throw unusable(file, "holds no key", cause);
  }
}

function unusable(file: string, why: string, cause?: unknown): KilnError {
  return new KilnError("ROOT_KEY_UNUSABLE", `The file ${file} ${why}.`, {
    hint: "Make a new key in its place with: kiln keys root --rotate",
    ...(cause === undefined ? {} : { cause }),
  });
}

export interface RootKeyHolder {
  current(): RootKey;
  /** Tells when another key has taken its place. */
  listen(listener: (key: RootKey) => void): void;
  /** The key if it has this id, after a look at the file where that may have changed. */
  find(accessKeyId: string): RootKey | undefined | Promise<RootKey | undefined>;
}

export interface RootKeyOptions {
  readonly file: string;
  readonly account: string;
  readonly report: (error: unknown) => void;
}

/** Opens the account's root key, and makes it at the first start. Throws KilnError. */
export async function openRootKey({ file, account, report }: RootKeyOptions): Promise<RootKeyHolder> {
  let key = (await readRootKey(file)) ?? (await writeRootKey(file, account));
  if (key.account !== account) {
    throw new KilnError(
      "ROOT_OF_ANOTHER_ACCOUNT",
      `${file} is the key of the account ${key.account}, not of ${account}.`,
      {
        hint: `Start with KILN_ACCOUNT=${key.account}; a state directory has one account.`,
      },
    );
  }
  let seen = await markOf(file);
  let lookedAt = performance.now();
  const listeners: ((key: RootKey) => void)[] = [];

  /** A file that is gone or broken leaves the key as it was: only another key takes it away. */
  async function look(): Promise<void> {
    const mark = await markOf(file);
    lookedAt = performance.now();
    if (mark === undefined || mark === seen) return;
    try {
      const next = await readRootKey(file);
      seen = mark;
      if (next === undefined || next.account !== account || next.accessKeyId === key.accessKeyId) return;
      key = next;
      for (const listener of listeners) listener(key);
    } catch (error) {
      seen = mark;
      report(error);
    }
  }

  return {
    current: () => key,
    listen: (listener) => void listeners.push(listener),
    find(accessKeyId) {
      const named = (): RootKey | undefined => (key.accessKeyId === accessKeyId ? key : undefined);
      // Another key is looked for at once; whether this one is still good, once a second.
      const due = accessKeyId !== key.accessKeyId || performance.now() - lookedAt >= 1000;
      return due ? look().then(named) : named();
    },
  };
}

async function markOf(file: string): Promise<string | undefined> {
  try {
    const { ino, mtimeMs } = await stat(file);
    return `${ino} ${mtimeMs}`;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
