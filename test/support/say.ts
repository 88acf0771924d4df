/** For programs that a test kills: what they say has left them when this returns. */
import { writeSync } from "node:fs";
import { systemCode } from "../../src/base/errors.ts";

const clock = new Int32Array(new SharedArrayBuffer(4));

/** One line of JSON on standard output, which is a pipe that does not block: a slow reader is waited for. */
export function say(what: unknown): void {
  let rest = Buffer.from(`${JSON.stringify(what)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if (systemCode(error) !== "EAGAIN") throw error;
      Atomics.wait(clock, 0, 0, 1);
    }
  }
}
