/**
 * How far a trail is: sealed with the key of the log, so that the last files of a bucket are missed when they are gone, and
 * written as a whole after each file.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { asideName, makeDirectory, readIfThere, replaceDurably } from "../../../base/durable-file.ts";
import { KilnError, systemCode } from "../../../base/errors.ts";
import { macOf, sameMac } from "../chain.ts";
import type { Trail } from "./contract.ts";

export interface LogFile {
  readonly key: string;
  /** Hex SHA-256 of what is compressed in it. */
  readonly hash: string;
  readonly newest: string;
  readonly oldest: string;
}

export interface Progress {
  readonly bucket: string;
  /** The next record. */
  readonly cursor: number;
  /** Files that no digest has yet. */
  readonly files: readonly LogFile[];
  /** When the next digest begins; ms since the epoch. */
  readonly start: number;
  /** The last digest. */
  readonly last?: { readonly bucket: string; readonly key: string; readonly hash: string; readonly signature: string };
  /** The end of the digest that is being written. */
  readonly closing?: number;
}

export function progressDirectory(stateDir: string): string {
  return join(stateDir, "audit", "trails");
}

function pathOf(dir: string, { account, region, name }: Trail): string {
  return join(dir, `${account}_${region}_${name}`);
}

export async function readProgress(dir: string, trail: Trail, key: Buffer): Promise<Progress | undefined> {
  return readSealed(pathOf(dir, trail), key);
}

export async function writeProgress(dir: string, trail: Trail, key: Buffer, progress: Progress): Promise<void> {
  const text = JSON.stringify(progress);
  await makeDirectory(dir);
  const sealed = `${macOf(key, `trail ${text}`)} ${text}\n`;
  await replaceDurably(join(dir, `.${asideName()}`), pathOf(dir, trail), sealed);
}

export async function removeProgress(dir: string, trail: Trail): Promise<void> {
  await rm(pathOf(dir, trail), { force: true });
}

/** By the name of the file. */
export async function allProgress(dir: string, key: Buffer): Promise<Map<string, Progress | KilnError>> {
  const all = new Map<string, Progress | KilnError>();
  let names: string[] = [];
  try {
    names = await readdir(dir);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
  for (const name of names.filter((each) => !each.startsWith(".")).toSorted()) {
    try {
      const progress = await readSealed(join(dir, name), key);
      if (progress !== undefined) all.set(name, progress);
    } catch (error) {
      if (!(error instanceof KilnError)) throw error;
      all.set(name, error);
    }
  }
  return all;
}

async function readSealed(path: string, key: Buffer): Promise<Progress | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const mac = text.slice(0, 43);
  const json = text.slice(44, -1);
  if (sameMac(macOf(key, `trail ${json}`), mac)) return JSON.parse(json) as Progress;
  throw new KilnError("AUDIT_DAMAGED", `What ${path} tells of its trail was changed.`, {
    hint: "Put it back from a backup, or delete the trail and make it anew.",
  });
}
