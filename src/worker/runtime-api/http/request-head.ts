/** Reads the request line and headers of one HTTP/1.1 request, strictly (RFC 9112). */
export interface RequestHead {
  method: string;
  /** Origin form: starts with `/`. */
  target: string;
  /** By lower-case name; repeated headers are joined with `, `. */
  headers: ReadonlyMap<string, string>;
  keepAlive: boolean;
  expectContinue: boolean;
  /** Length in bytes, `chunked`, or 0 when there is no body. */
  body: number | "chunked";
}

export interface HeadRefusal {
  status: 400 | 417 | 431 | 501 | 505;
  why: string;
}

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) (\/[\x21-\x7e]*) HTTP\/1\.([01])$/;
const VERSION = / HTTP\/(\d)\.(\d)$/;
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// Control characters have no place in a value; bytes above 0x7f are opaque and allowed.
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const SINGLE = new Set(["host", "content-length", "transfer-encoding", "expect", "content-type"]);

/** @param text The head as Latin-1, without the empty line that ends it. */
export function parseHead(text: string, headerCount: number): RequestHead | HeadRefusal {
  const lines = text.split("\r\n");
  const first = lines[0] ?? "";
  const line = REQUEST_LINE.exec(first);
  if (line === null) {
    const version = VERSION.exec(first);
    if (version !== null && version[1] !== "1") return { status: 505, why: "only HTTP/1.1 is spoken here" };
    return { status: 400, why: "malformed request line" };
  }
  if (lines.length - 1 > headerCount) return { status: 431, why: "too many headers" };
  const headers = new Map<string, string>();
  for (let index = 1; index < lines.length; index++) {
    const refusal = addField(headers, lines[index] ?? "");
    if (refusal !== undefined) return { status: 400, why: refusal };
  }
  const minor = line[3];
  if (minor === "1" && !headers.has("host")) return { status: 400, why: "missing Host" };
  const body = bodyOf(headers, minor === "0");
  if (typeof body === "object") return body;
  const expect = headers.get("expect");
  if (expect !== undefined && expect.toLowerCase() !== "100-continue") return { status: 417, why: "unknown Expect" };
  return {
    method: line[1] ?? "",
    target: line[2] ?? "",
    headers,
    keepAlive: keepsAlive(headers, minor === "0"),
    expectContinue: expect !== undefined && minor === "1",
    body,
  };
}

/** Adds one header or trailer line; answers why it is refused, if it is. */
export function addField(headers: Map<string, string>, line: string): string | undefined {
  const colon = line.indexOf(":");
  if (colon <= 0) return "malformed header";
  const name = line.slice(0, colon);
  if (!FIELD_NAME.test(name)) return "malformed header name";
  const value = line.slice(colon + 1).trim();
  if (!FIELD_VALUE.test(value)) return "malformed header value";
  const key = name.toLowerCase();
  const before = headers.get(key);
  if (before !== undefined && SINGLE.has(key)) return `repeated ${key}`;
  headers.set(key, before === undefined ? value : `${before}, ${value}`);
  return undefined;
}

function bodyOf(headers: ReadonlyMap<string, string>, oldVersion: boolean): number | "chunked" | HeadRefusal {
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== undefined) {
    // Both at once is how requests are smuggled: RFC 9112, section 6.1.
    if (length !== undefined || oldVersion) return { status: 400, why: "ambiguous body length" };
    if (coding.toLowerCase() !== "chunked") return { status: 501, why: "unknown transfer coding" };
    return "chunked";
  }
  if (length === undefined) return 0;
  if (!/^\d{1,15}$/.test(length)) return { status: 400, why: "malformed Content-Length" };
  return Number(length);
}

function keepsAlive(headers: ReadonlyMap<string, string>, oldVersion: boolean): boolean {
  const connection = headers.get("connection")?.toLowerCase();
  if (connection === undefined) return !oldVersion;
  const options = connection.split(",").map((option) => option.trim());
  if (options.includes("close")) return false;
  return !oldVersion || options.includes("keep-alive");
}
