/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; bytes. */

/** A synchronous call's payload: the whole event, so that bodies in Base64 may have three quarters of it. */
export const MAX_EVENT = 6 * 1024 * 1024;
/** Names and values of the headers that a function sets, with its cookies. */
export const MAX_ANSWER_HEADERS = 32 * 1024;
/** The JSON before a streamed body: what it sets is bounded by the headers, so this only leaves room for spaces. */
export const MAX_PRELUDE = 64 * 1024;
/** Bodies of requests that are held in memory together. */
export const MAX_HELD = 256 * 1024 * 1024;
/** Of a refused request that is still read and thrown away, so that the client gets to read the answer; ms. */
export const DISCARD = { bytes: 16 * 1024 * 1024, ms: 10_000 } as const;
