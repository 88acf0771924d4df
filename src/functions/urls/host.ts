/**
 * Names of function URLs. `*.localhost` is this machine, without DNS, for browsers, curl and systemd-resolved
 * (RFC 6761, 6.3); other domains work as well, as long as their names lead here.
 */
import { randomText } from "../../base/ids.ts";
import { rememberLast } from "../../base/last.ts";

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
const LENGTH = 32;
const idPattern = /^[a-z2-7]{32}$/;
const hostPattern = /^([^.]*)\.lambda-url\.([^.]*)(?:\.|$)/;

/** As long as AWS's, in lower-case Base32; 160 bits that nobody can guess. */
export function newUrlId(): string {
  return randomText(LENGTH, alphabet);
}

export function isUrlId(text: string): boolean {
  return idPattern.test(text);
}

export function urlHost(id: string, region: string): string {
  return `${id}.lambda-url.${region}.localhost`;
}

interface NamedUrl {
  readonly id: string;
  readonly region: string;
  readonly domain: string;
}

/** What a Host header says, if it is a function URL's: with or without port, in any case. The id may be no id at all. */
export const parseUrlHost = rememberLast((host: string): NamedUrl | undefined => {
  const domain = host.toLowerCase().replace(/:\d*$/, "");
  const match = hostPattern.exec(domain);
  return match ? { id: match[1] ?? "", region: match[2] ?? "", domain } : undefined;
});
