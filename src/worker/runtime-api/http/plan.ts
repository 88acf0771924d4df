import type { Reply } from "./reply.ts";
import type { RequestHead } from "./request-head.ts";

/** What an endpoint decides when it has seen the head of a request; the connection carries it out. */
export type Plan = ReplyPlan | BodyPlan | StreamPlan | WaitPlan;

/** Answer now; a body is read and thrown away. */
export interface ReplyPlan {
  kind: "reply";
  reply: Reply;
}

/** Read the body, then answer. Exactly one of the three is called. */
export interface BodyPlan {
  kind: "body";
  limitBytes: number;
  done(body: Buffer, trailers: ReadonlyMap<string, string>): Reply;
  /** The body is over the limit. */
  tooLarge(): Reply;
  /** The body is malformed, or the connection ended inside it. */
  aborted(): void;
}

/** Hand the body on while it arrives, then answer. Exactly one of `done`, `tooLarge` and `aborted` is called. */
export interface StreamPlan {
  kind: "stream";
  limitBytes: number;
  /** Called first. `resume` ends what a `data` that answered false has begun. */
  begin(resume: () => void): void;
  /** Takes a piece, in memory of its own. False: the peer is not read until `resume`. */
  data(bytes: Buffer): boolean;
  done(trailers: ReadonlyMap<string, string>): Reply;
  /** The body is over the limit; what is within it has been handed on. */
  tooLarge(): Reply;
  aborted(): void;
}

/** Answer later, or never. */
export interface WaitPlan {
  kind: "wait";
  /** True when the request is one that a runtime has no need to make. */
  wasted: boolean;
  /** `send` may be called during `start`, once. */
  start(send: (reply: Reply) => void): void;
  /** The connection ended before the answer. */
  cancelled(): void;
}

export type Router = (head: RequestHead) => Plan;
