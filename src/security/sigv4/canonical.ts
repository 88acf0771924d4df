/**
 * The canonical request of AWS Signature Version 4: the one text that a signer and a verifier make of the same request.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { hash } from "node:crypto";
import { queryParameters } from "../../base/http/query.ts";

export interface Signable {
  readonly method: string;
  /** As it was sent, still percent-encoded; what is not ASCII is one character per byte, as Node.js reads it. */
  readonly path: string;
  /** As it was sent, without the question mark. */
  readonly query: string;
  /** Name, value, name, value, … as they were sent. */
  readonly rawHeaders: readonly string[];
}

export function canonicalRequest(
  request: Signable,
  signedHeaders: readonly string[],
  payloadHash: string,
  without?: string,
): string {
  return [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query, without),
    ...signedHeaders.map((name) => `${name}:${canonicalHeader(request.rawHeaders, name)}`),
    "",
    signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
}

/** Of a canonical request, in lower-case hex: one byte for each character. */
export function canonicalHash(canonical: string): string {
  return hash("sha256", Buffer.from(canonical, "latin1"), "hex");
}

export function stringToSign(algorithm: string, time: string, scope: string, hashed: string): string {
  return `${algorithm}\n${time}\n${scope}\n${hashed}`;
}

/** Services other than S3 encode the path as it was sent once more, after `.`, `..` and empty segments are gone. */
export function canonicalPath(path: string): string {
  const normal = normalPath(path);
  return plainPath.test(normal) ? normal : encodeText(normal).replaceAll("%2F", "/");
}

/** Nearly all paths: nothing in them needs an encoding. */
const plainPath = /^[\w./~-]*$/;

/** False for paths whose canonical form is that of another path: a signature for one would be good for the other. */
export function isNormalPath(path: string): boolean {
  return path === normalPath(path);
}

function normalPath(path: string): string {
  if (!path.includes("//") && !path.includes("/.")) return path === "" ? "/" : path;
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "." && segment !== "") segments.push(segment);
  }
  const end = path.endsWith("/") && segments.length > 0 ? "/" : "";
  return `/${segments.join("/")}${end}`;
}

/** Read in the same way as operations read their parameters, so that nothing can mean one thing here and another there. */
export function canonicalQuery(query: string, without?: string): string {
  if (query === "") return "";
  const parameters: [name: string, value: string][] = [];
  for (const [name, value] of queryParameters(query)) {
    if (name !== without) parameters.push([encodeUtf8(name), encodeUtf8(value)]);
  }
  return parameters
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** More than single spaces. */
const blanks = /\s\s|[^\S ]/;

/** All values of a header in the order in which they came, without the blanks that do not matter. */
function canonicalHeader(rawHeaders: readonly string[], name: string): string {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const sent = rawHeaders[i] ?? "";
    if (sent.length !== name.length || sent.toLowerCase() !== name) continue;
    const value = (rawHeaders[i + 1] ?? "").trim();
    values.push(blanks.test(value) ? value.replaceAll(/\s+/g, " ") : value);
  }
  return values.join(",");
}

const unreserved = /^[\w.~-]*$/;

function encodeUtf8(text: string): string {
  return unreserved.test(text) ? text : encodeText(Buffer.from(text, "utf8").toString("latin1"));
}

/** RFC 3986: everything but letters, digits and `-._~`, byte by byte. */
function encodeText(bytes: string): string {
  return bytes.replaceAll(/[^\w.~-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}
