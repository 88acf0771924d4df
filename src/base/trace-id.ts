import { randomBytes } from "node:crypto";

/** A trace id for a call whose caller sent none (https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html). */
export function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000)
    .toString(16)
    .padStart(8, "0");
  const random = randomBytes(20).toString("hex");
  return `Root=1-${seconds}-${random.slice(0, 24)};Parent=${random.slice(24)};Sampled=0`;
}
