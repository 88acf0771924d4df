/** Reads request bodies whole, within a limit for each and a budget for all of them together. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ServiceError } from "../errors.ts";
import { Gathering } from "./gathering.ts";

export interface BodyRequest {
  readonly limit: number;
  /** The error for a body of this length; the length is undefined when the body was not read to its end. */
  readonly tooLarge: (length: number | undefined) => ServiceError;
}

export interface BodyReader {
  /** Throws ServiceError, or ClientGone when the connection ends first. The bytes count until `release` is told how many. */
  read(request: IncomingMessage, response: ServerResponse, wanted: BodyRequest): Promise<Buffer>;
  /** The same for a body that has come already. */
  take(body: Buffer, wanted: BodyRequest): Buffer;
  release(length: number): void;
  /** Whether the client still waits for leave to send its body (`Expect: 100-continue`). */
  isWaiting(request: IncomingMessage): boolean;
}

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientGone extends Error {}

const nothing = Buffer.alloc(0);

export function createBodyReader(budget: number): BodyReader {
  let held = 0;
  const admitted = new WeakSet<IncomingMessage>();

  async function read(request: IncomingMessage, response: ServerResponse, wanted: BodyRequest): Promise<Buffer> {
    const declared = declaredLength(request);
    if (declared === 0) return nothing;
    if (declared !== undefined && declared > wanted.limit) throw wanted.tooLarge(declared);
    if (request.headers.expect !== undefined) {
      admitted.add(request);
      response.writeContinue();
    }
    return collect(request, wanted, declared);
  }

  function collect(request: IncomingMessage, wanted: BodyRequest, declared: number | undefined): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const body = new Gathering(declared ?? 0);
      let counted = 0;
      const finish = (error: Error | undefined) => {
        request.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
        held -= counted;
        if (error === undefined) {
          held += body.length;
          resolve(body.take());
        } else reject(error);
      };
      const onData = (chunk: Buffer) => {
        body.add(chunk);
        held += body.held - counted;
        counted = body.held;
        if (body.length > wanted.limit) finish(wanted.tooLarge(undefined));
        else if (held > budget) finish(busy());
      };
      const onEnd = () => finish(undefined);
      const onGone = () => finish(new ClientGone("the client closed the connection before its request was complete"));
      request.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
    });
  }

  function take(body: Buffer, wanted: BodyRequest): Buffer {
    if (body.length > wanted.limit) throw wanted.tooLarge(body.length);
    if (held + body.length > budget) throw busy();
    held += body.length;
    return body;
  }

  return {
    read,
    take,
    release: (length) => {
      held -= length;
    },
    isWaiting: (request) => request.headers.expect !== undefined && !admitted.has(request),
  };
}

/** Undefined for chunked bodies. Node.js has already refused lengths that are no numbers or come twice. */
function declaredLength(request: IncomingMessage): number | undefined {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (encoding !== undefined) return undefined;
  return length === undefined ? 0 : Number(length);
}

function busy(): ServiceError {
  return new ServiceError("ServiceUnavailableException", "Too many large requests at the same time; try again.", {
    status: 503,
  });
}
