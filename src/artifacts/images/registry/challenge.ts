/** The header by which a registry says how it wants to be asked (RFC 9110, 11.6.1). */
export interface Challenge {
  /** Lower case: `basic`, `bearer`. */
  scheme: string;
  parameters: Readonly<Record<string, string>>;
}

const PARAMETER = /^\s*,?\s*([A-Za-z0-9_-]{1,64})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/;
const LONGEST = 8192;

/** The first challenge; undefined where there is none that can be read. */
export function parseChallenge(header: string | null): Challenge | undefined {
  if (header === null || header.length > LONGEST) return undefined;
  const scheme = /^\s*([A-Za-z]{1,32})(?:\s+|$)/.exec(header);
  if (scheme === null) return undefined;
  const parameters: Record<string, string> = {};
  let rest = header.slice(scheme[0].length);
  for (let match = PARAMETER.exec(rest); match !== null; match = PARAMETER.exec(rest)) {
    const [whole, name = "", quoted, plain = ""] = match;
    parameters[name.toLowerCase()] = quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, "$1");
    rest = rest.slice(whole.length);
  }
  return { scheme: (scheme[1] ?? "").toLowerCase(), parameters };
}
