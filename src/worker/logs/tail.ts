/** Size of the log that a caller gets with `LogType: Tail`. */
const TAIL_BYTES = 4096;

/** Keeps the last 4 KB of what is added, without work for what falls out. */
export interface Tail {
  add(line: string): void;
  take(): Uint8Array;
}

export function createTail(): Tail {
  let lines: string[] = [];
  let length = 0;
  return {
    add(line) {
      // One character is at least one byte: more characters than the tail has bytes are never needed.
      const kept = line.length > TAIL_BYTES ? line.slice(-TAIL_BYTES) : line;
      lines.push(kept, "\n");
      length += kept.length + 1;
      if (length > 8 * TAIL_BYTES) {
        lines = [lines.join("").slice(-TAIL_BYTES)];
        length = TAIL_BYTES;
      }
    },
    take() {
      const bytes = Buffer.from(lines.join(""));
      return bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES));
    },
  };
}
