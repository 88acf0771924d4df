/**
 * The form of the log. A line is `NUMBER PREVIOUS MAC JSON`: the MAC covers everything else of its line, and PREVIOUS is
 * the MAC of the line before. So a changed line does not fit its MAC, and one that is missing, new or elsewhere does not
 * fit its neighbours. The first line of a file tells where it goes on.
 */
import { timingSafeEqual } from "node:crypto";
import { HmacKey } from "../../base/hmac.ts";

/** What comes before the first record. */
export const BEGINNING = "0".repeat(43);

export interface Link {
  readonly sequence: number;
  readonly previous: string;
  readonly mac: string;
  readonly json: string;
}

export function writeLink(
  key: Buffer,
  sequence: number,
  previous: string,
  json: string,
): { line: string; mac: string } {
  const mac = macOf(key, `${sequence} ${previous} ${json}`);
  return { line: `${sequence} ${previous} ${mac} ${json}\n`, mac };
}

const form = /^([1-9]\d{0,15}) ([\w-]{43}) ([\w-]{43}) (\{.*\})$/s;

/** Undefined for a line that is none. Says nothing of its MAC. */
export function parseLink(line: string): Link | undefined {
  const match = form.exec(line);
  if (match === null) return undefined;
  const [, sequence = "", previous = "", mac = "", json = ""] = match;
  return { sequence: Number(sequence), previous, mac, json };
}

export function isGenuine(key: Buffer, { sequence, previous, mac, json }: Link): boolean {
  return sameMac(macOf(key, `${sequence} ${previous} ${json}`), mac);
}

const prepared = new WeakMap<Buffer, HmacKey>();

export function macOf(key: Buffer, text: string): string {
  let ready = prepared.get(key);
  if (ready === undefined) prepared.set(key, (ready = new HmacKey(key)));
  return ready.sign(text, "base64url");
}

export function sameMac(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a, "latin1"), Buffer.from(b, "latin1"));
}
