/** One answer of the Runtime API. */
export interface Reply {
  status: number;
  contentType: string;
  /** Further headers, each ended with CRLF. */
  headers?: string;
  body: Uint8Array | string;
  /** It says nothing that a client who goes on without it needs to know. */
  canWait?: boolean;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  202: "Accepted",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Request Entity Too Large",
  417: "Expectation Failed",
  431: "Request Header Fields Too Large",
  501: "Not Implemented",
  505: "HTTP Version Not Supported",
};

/** The status line and headers, up to and with the empty line. */
export function replyHead(reply: Reply, keepAlive: boolean): string {
  const length = typeof reply.body === "string" ? Buffer.byteLength(reply.body) : reply.body.length;
  return (
    `HTTP/1.1 ${reply.status} ${REASONS[reply.status] ?? "Unknown"}\r\n` +
    `Content-Type: ${reply.contentType}\r\n` +
    (reply.headers ?? "") +
    (keepAlive ? "" : "Connection: close\r\n") +
    `Content-Length: ${length}\r\n\r\n`
  );
}

export function jsonReply(status: number, value: unknown): Reply {
  return { status, contentType: "application/json", body: `${JSON.stringify(value)}\n` };
}

/** As AWS's router answers an unknown path. */
export const notFound: Reply = { status: 404, contentType: "text/plain", body: "404 page not found\n" };

/**
 * A value that is safe in a header: a CR or LF in it would end the header. JSON texts stay the same value, because
 * white space between tokens and escapes in strings are equal to what they replace.
 */
export function headerValue(text: string): string {
  // Every code unit outside printable ASCII.
  return text.replace(/[^\x20-\x7e]/g, (unit) =>
    unit <= "\x1f" || unit === "\x7f" ? " " : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export const wrongMethod: Reply = { status: 405, contentType: "text/plain", body: "" };
