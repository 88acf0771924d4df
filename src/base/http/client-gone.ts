import { systemCode } from "../errors.ts";

const codes = new Set<string | undefined>([
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_UNABLE_TO_PIPE",
  "ECONNRESET",
  "EPIPE",
]);

/** Whether this is how sending an answer fails whose client has hung up: not a fault. */
export function isClientGone(error: unknown): boolean {
  return codes.has(systemCode(error));
}
