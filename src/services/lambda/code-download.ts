/**
 * The presigned URL in `GetFunction`'s answer, and what answers it. On AWS it leads to a bucket; here to an internal
 * route. Whoever holds the URL may read that one zip for ten minutes, as on AWS.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Artifacts, SealedCode, StoredArtifact } from "../../artifacts/contract.ts";
import type { Clock } from "../../base/clock.ts";
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";

/** Start of the path of every such URL. */
export const CODE_PATH = "/_kiln/code/";
/** ms. */
const VALID = 10 * 60 * 1000;
const MAX_TOKEN = 1024;

/** What finds and opens the key of code. */
type CodeKeyName = Pick<SealedCode, "arn" | "dataKey">;

export interface CodeDownload {
  url(endpoint: string, code: StoredArtifact, scope: Scope, functionName: string): string;
  /** Answers a request whose path starts with `CODE_PATH`. */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

export interface CodeDownloadOptions {
  artifacts: Artifacts;
  /** The key of code that has one. Throws ServiceError where it cannot be used. Absent: there is no such code. */
  keyOf?: (scope: Scope, functionName: string, sealed: CodeKeyName) => Promise<Uint8Array>;
  /** At least 32 bytes, one per state directory. */
  secret: Uint8Array;
  clock: Clock;
}

interface Ticket {
  blob: string;
  name: string;
  /** ms since the epoch. */
  expires: number;
  /** The function's, where the code has a key. */
  scope?: Scope;
  sealed?: CodeKeyName;
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

  async function read({ blob, name, scope, sealed }: Ticket): Promise<Uint8Array | undefined | "denied"> {
    if (sealed === undefined || scope === undefined) return options.artifacts.read(blob);
    if (options.keyOf === undefined) return "denied";
    try {
      return await options.artifacts.read(blob, await options.keyOf(scope, name, sealed));
    } catch (error) {
      if (error instanceof ServiceError) return "denied";
      throw error;
    }
  }

  return {
    url(endpoint, { blob, sealed }, { account, region }, name) {
      const ticket: Ticket = {
        blob,
        name,
        expires: options.clock() + VALID,
        ...(sealed && { scope: { account, region }, sealed: { arn: sealed.arn, dataKey: sealed.dataKey } }),
      };
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
      const zip = await read(ticket);
      if (zip === "denied") return refuse(response, 403, "AccessDenied", "The key of the code cannot be used.");
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
