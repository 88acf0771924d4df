/** A request that has arrived as a whole, and its answer, without the objects that node:http makes of them. */
import type { IncomingMessage } from "node:http";

/** What is known of a request before its body. */
export type RequestHead = Pick<IncomingMessage, "method" | "url" | "headers" | "rawHeaders" | "socket">;

/** Whoever waits for the answer, as far as it can be seen from here: a `ServerResponse` is one. */
export interface Waiting {
  readonly destroyed: boolean;
  readonly writableFinished: boolean;
  once(event: "close", then: () => void): unknown;
}

export interface WholeRequest extends RequestHead {
  readonly body: Buffer;
  readonly waiting: Waiting;
}

export interface WholeAnswer {
  readonly status: number;
  /** Names and values as they may be sent; without those about the connection, the date and the length. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}
