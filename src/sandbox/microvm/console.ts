/** What a VMM and its guest's kernel say: the last of it, for error messages. The guest decides how much it is. */
import type { Readable } from "node:stream";

const MOST_TEXT = 4096;
const MOST_LINES = 8;

export interface Console {
  /** The last lines, in one. */
  tail(): string;
}

export function createConsole(streams: readonly Readable[]): Console {
  let text = "";
  for (const stream of streams) {
    stream.on("data", (chunk: Buffer) => {
      text = (text + chunk.toString("latin1")).slice(-MOST_TEXT);
    });
  }
  return {
    tail() {
      // oxlint-disable-next-line no-control-regex -- They would steer the operator's terminal.
      const lines = text.replaceAll(/[^\x20-\x7e\n]/g, "").split("\n");
      return lines
        .filter((line) => line !== "")
        .slice(-MOST_LINES)
        .join("; ");
    },
  };
}
