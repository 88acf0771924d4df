/** Answers to what is not yet, or never will be, a request that a service could answer. In the form that AWS clients read. */
import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export const refusals = {
  malformed: { status: 400, code: "MalformedHttpRequestException", message: "The HTTP request is malformed." },
  hostUnclear: { status: 400, code: "MalformedHttpRequestException", message: "The host of the request is unclear." },
  headersTooLarge: {
    status: 431,
    code: "MalformedHttpRequestException",
    message: "The request headers are too large.",
  },
  urlTooLong: { status: 414, code: "MalformedHttpRequestException", message: "The request URL is too long." },
  tooSlow: { status: 408, code: "RequestTimeoutException", message: "The request did not arrive in time." },
  expectation: { status: 417, code: "MalformedHttpRequestException", message: "Only 100-continue can be expected." },
  notFound: { status: 404, code: "UnknownOperationException", message: "There is nothing at this path." },
  methodNotAllowed: { status: 405, code: "MalformedHttpRequestException", message: "Only GET is possible here." },
  fault: { status: 500, code: "InternalFailure", message: "The request processing has failed." },
} as const satisfies Record<string, Refusal>;

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
};

export function refuse(response: ServerResponse, refusal: Refusal): void {
  const body = JSON.stringify({ message: refusal.message });
  response.writeHead(refusal.status, { ...headersOf(refusal, body), connection: "close" });
  response.end(body);
}

/** For requests that never became one: there is a socket and no response object. */
export function refuseOnSocket(socket: Duplex, refusal: Refusal): void {
  const body = JSON.stringify({ message: refusal.message });
  const headers = Object.entries(headersOf(refusal, body)).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${refusal.status} ${reasons[refusal.status] ?? "Error"}\r\n${headers.join("")}connection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function headersOf(refusal: Refusal, body: string): Record<string, string> {
  return {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "x-amzn-RequestId": randomUUID(),
    "x-amzn-ErrorType": refusal.code,
  };
}

/** What Node.js found wrong with a connection. */
export function refusalOf(error: Error): Refusal | undefined {
  const code = "code" in error ? error.code : undefined;
  if (code === "HPE_HEADER_OVERFLOW") return refusals.headersTooLarge;
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return refusals.tooSlow;
  return code === "ECONNRESET" || code === "EPIPE" ? undefined : refusals.malformed;
}
