/** How the texts of settings are read; each says what is wrong with one, by its name. */
import { isIP } from "node:net";
import { KilnError } from "../base/errors.ts";
import { parseCidr } from "../base/ipv4.ts";

export interface Setting<T> {
  env: string;
  fallback: string;
  read(text: string, name: string): T;
}

function refuse(name: string, text: string, expected: string): never {
  throw new KilnError("CONFIG_INVALID", `${name} is "${text}", but must be ${expected}.`, {
    hint: "Correct it and start again; kiln serve --help lists the settings.",
  });
}

export const absolutePath = (text: string, name: string): string =>
  text.startsWith("/") ? text.replace(/(.)\/+$/, "$1") : refuse(name, text, "an absolute path");

export const absolutePathOrNothing = (text: string, name: string): string =>
  text === "" ? text : absolutePath(text, name);

export const oneOf =
  <T extends string>(...values: T[]) =>
  (text: string, name: string): T =>
    values.find((value) => value === text) ?? refuse(name, text, `one of ${values.join(", ")}`);

export const wholeNumber =
  (least: number, most: number) =>
  (text: string, name: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : refuse(name, text, `a whole number from ${least} to ${most}`);
  };

export const pattern =
  (expression: RegExp, expected: string) =>
  (text: string, name: string): string =>
    expression.test(text) ? text : refuse(name, text, expected);

/** Separated by commas; nothing at all is an empty list. */
export const listOf =
  (expression: RegExp, expected: string) =>
  (text: string, name: string): readonly string[] => {
    const items = text === "" ? [] : text.split(",").map((item) => item.trim());
    return items.every((item) => expression.test(item)) ? Object.freeze(items) : refuse(name, text, expected);
  };

export const ipv4Range =
  (least: number, most: number) =>
  (text: string, name: string): string => {
    const prefix = parseCidr(text)?.prefix ?? -1;
    if (prefix >= least && prefix <= most) return text;
    return refuse(name, text, `an IPv4 range from /${least} to /${most}, for instance 198.18.0.0/16`);
  };

/** `host`: an empty list, which stands for the host's own; `off`: undefined. */
export function resolvers(text: string, name: string): readonly string[] | undefined {
  if (text === "off") return undefined;
  const addresses = text === "host" ? [] : text.split(",").map((item) => item.trim());
  if (addresses.every((address) => isIP(address) !== 0)) return Object.freeze(addresses);
  return refuse(name, text, "host, off, or IP addresses of resolvers, separated by commas");
}

export const anything = (text: string): string => text;

/** The URL of a server, or nothing. */
export function httpUrlOrNothing(text: string, name: string): string {
  if (text === "") return text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "";
  return plain ? text.replace(/\/+$/, "") : refuse(name, text, "a URL, for instance http://127.0.0.1:9000");
}

/** `HOST:PORT`, `[IPv6]:PORT` or `:PORT`; port 0 lets the system choose. */
export function hostAndPort(text: string, name: string): { host: string; port: number } {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:[\]]*):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) refuse(name, text, "HOST:PORT, for instance 127.0.0.1:4566");
  const host = (match[1] ?? "").replace(/^\[|\]$/g, "");
  return { host: host === "" ? "0.0.0.0" : host, port };
}

export interface OidcIssuer {
  readonly url: string;
  readonly audiences: readonly string[];
}

/** `URL audience[,audience]`, separated by semicolons; HTTP without TLS on this machine only. */
export function oidcIssuers(text: string, name: string): readonly OidcIssuer[] {
  const entries = text.split(";").map((entry) => entry.trim());
  return Object.freeze(
    entries
      .filter((entry) => entry !== "")
      .map((entry) => {
        const [url = "", audiences = "", ...rest] = entry.split(/\s+/);
        const safe = /^https:\/\/[^/\s?#]+/.test(url) || /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/|$)/.test(url);
        if (!safe || !URL.canParse(url) || audiences === "" || rest.length > 0) {
          refuse(name, entry, "issuers with their audiences, for instance https://id.example.com kiln");
        }
        return Object.freeze({ url, audiences: Object.freeze(audiences.split(",")) });
      }),
  );
}

/** `HOST`, `HOST=URL` or `HOST=/DIRECTORY`, separated by commas. */
export function imagePlaces(text: string, name: string): readonly { host: string; at?: string }[] {
  const entries = text === "" ? [] : text.split(",").map((entry) => entry.trim());
  return Object.freeze(
    entries.map((entry) => {
      const equals = entry.indexOf("=");
      const host = equals < 0 ? entry : entry.slice(0, equals);
      const at = equals < 0 ? undefined : entry.slice(equals + 1);
      const expected = "registries, for instance ghcr.io or *.dkr.ecr.*.amazonaws.com=http://127.0.0.1:5000";
      if (!/^[\w.*-]{1,255}(:\d{1,5})?$/.test(host) || at === "") refuse(name, entry, expected);
      if (at === undefined) return Object.freeze({ host });
      return Object.freeze({ host, at: at.startsWith("/") ? absolutePath(at, name) : httpUrlOrNothing(at, name) });
    }),
  );
}
