/**
 * The presigned URL in `GetFunction`'s answer, and what answers it. On AWS it leads to a bucket; here to an internal
 * route. Whoever holds the URL may read that one zip for ten minutes, as on AWS.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Artifacts } from "../../artifacts/contract.ts";
import type { Clock } from "../../base/clock.ts";

/** Start of the path of every such URL. */
export const CODE_PATH = "/_kiln/code/";
/** ms. */
const VALID = 10 * 60 * 1000;
const MAX_TOKEN = 1024;

export interface CodeDownload {
  url(endpoint: string, blob: string, functionName: string): string;
  /** Answers a request whose path starts with `CODE_PATH`. */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

export interface CodeDownloadOptions {
  artifacts: Artifacts;
  /** At least 32 bytes, one per state directory. */
  secret: Uint8Array;
  clock: Clock;
}

interface Ticket {
  blob: string;
  name: string;
  /** ms since the epoch. */
  expires: number;
}

export function codeDownload(options: CodeDownloadOptions): CodeDownload {
  const signatureOf = (text: string): Buffer => createHmac("sha256", options.secret).update(text).digest();

  const ticketOf = (token: string): Ticket | undefined => {
    const [text, signature, ...rest] = token.length <= MAX_TOKEN ? token.split(".") : [];
    if (text === undefined || signature === undefined || rest.length > 0) return undefined;
    const given = Buffer.from(signature, "base64url");
    const right = signatureOf(text);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    return JSON.parse(Buffer.from(text, "base64url").toString()) as Ticket;
  };

  return {
    url(endpoint, blob, name) {
      const ticket: Ticket = { blob, name, expires: options.clock() + VALID };
      const text = Buffer.from(JSON.stringify(ticket)).toString("base64url");
      return `${endpoint}${CODE_PATH}${text}.${signatureOf(text).toString("base64url")}`;
    },
    async handle(request, response) {
      request.resume();
      if (request.method !== "GET" && request.method !== "HEAD") {
        return refuse(response, 405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
      }
      const path = (request.url ?? "").split("?", 1)[0] ?? "";
      const ticket = path.startsWith(CODE_PATH) ? ticketOf(path.slice(CODE_PATH.length)) : undefined;
      if (!ticket) return refuse(response, 403, "AccessDenied", "Access Denied");
      if (options.clock() >= ticket.expires) return refuse(response, 403, "AccessDenied", "Request has expired");
      const zip = await options.artifacts.read(ticket.blob);
      if (!zip) return refuse(response, 404, "NoSuchKey", "The specified key does not exist.");
      response.writeHead(200, {
        "content-type": "application/zip",
        "content-length": zip.byteLength,
        "content-disposition": `attachment; filename="${ticket.name}.zip"`,
        "cache-control": "private, no-store",
      });
      response.end(request.method === "HEAD" ? undefined : zip);
    },
  };
}

/** As S3 answers, so that tools that follow the URL understand it. */
function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.writeHead(status, { "content-type": "application/xml", "content-length": Buffer.byteLength(body) });
  response.end(body);
}
