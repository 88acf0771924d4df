/** The table of settings: environment variable, default, and how the text is read. */
import { KilnError } from "../base/errors.ts";

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

export const anything = (text: string): string => text;

/** The URL of a server without a path, or nothing. */
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
