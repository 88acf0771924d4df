import { randomFillSync } from "node:crypto";

const ID_BYTES = 20;
/** Random bytes are cheap, asking for them is not: a call would pay more for it than for all of its JSON. */
const pool = Buffer.alloc(ID_BYTES * 256);
let used = pool.length;

/** A trace id for a call whose caller sent none (https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html). */
export function newTraceId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.toString("hex", used, used + ID_BYTES);
  used += ID_BYTES;
  const seconds = Math.floor(Date.now() / 1000)
    .toString(16)
    .padStart(8, "0");
  return `Root=1-${seconds}-${random.slice(0, 24)};Parent=${random.slice(24)};Sampled=0`;
}
