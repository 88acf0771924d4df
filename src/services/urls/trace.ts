/** Trace headers (https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader). */
import { randomBytes } from "node:crypto";

/** What a client sends along and functions see: one line of printable characters. */
const usable = /^[\x21-\x7e]{1,500}$/;

/** The client's own trace, or a new one. */
export function traceOf(sent: string | undefined, now: number): string {
  if (sent !== undefined && usable.test(sent)) return sent;
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, "0");
  return `Root=1-${seconds}-${randomBytes(12).toString("hex")}`;
}
