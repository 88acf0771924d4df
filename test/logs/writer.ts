/** Writes numbered events as fast as it can until it is killed; prints each number that a flush has covered. */
import { createFunctionLogs } from "../../src/observability/logs/index.ts";

const [dir = "", round = "0"] = process.argv.slice(2);
const logs = createFunctionLogs({ dir, maxBytesPerGroup: 8 * 1024 * 1024, segmentBytes: 16 * 1024 });
const streams = ["a", "b"].map((stream) =>
  logs.open({ account: "000000000000", region: "us-east-1", group: "g", stream: `${round}-${stream}` }),
);
for (let number = 0; ; number += 1) {
  streams[number % 2]?.write(Date.now(), `${round}:${number} ${"x".repeat(number % 300)}`);
  if (number % 50 === 49) {
    await logs.flush();
    process.stdout.write(`${number}\n`);
  }
}
