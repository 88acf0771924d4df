/** AWS's bound of one log event. */
export const MAX_EVENT_BYTES = 256 * 1024;

const NEWLINE = 10;
const EMPTY = Buffer.alloc(0);

export interface LineSplitter {
  push(chunk: Buffer): void;
  /** Hands out what came after the last newline. */
  flush(): void;
}

/**
 * Cuts a stream of bytes into log events: a newline ends one, a carriage return inside stands for a newline (that is
 * how functions write events of several lines), and an event over the limit is cut. Holds at most one event.
 */
export function createLineSplitter(emit: (event: string) => void, maxBytes = MAX_EVENT_BYTES): LineSplitter {
  let held: Buffer[] = [];
  let heldBytes = 0;

  function end(last: Buffer): void {
    const bytes = held.length === 0 ? last : Buffer.concat([...held, last]);
    held = [];
    heldBytes = 0;
    const text = bytes.toString("utf8");
    const trimmed = text.endsWith("\r") ? text.slice(0, -1) : text;
    emit(trimmed.includes("\r") ? trimmed.replaceAll("\r", "\n") : trimmed);
  }

  /** @param rest What fills the event up to its limit, and one byte that tells whether a character goes on there. */
  function cutEvent(rest: Buffer): void {
    const bytes = Buffer.concat([...held, rest]);
    const cut = characterStart(bytes, bytes.length - 1);
    held = [];
    end(bytes.subarray(0, cut));
    if (cut < bytes.length - 1) hold(bytes.subarray(cut, bytes.length - 1));
  }

  function hold(bytes: Buffer): void {
    // A copy, because the chunk may be part of a much larger piece of memory; joined, so that tiny chunks stay cheap.
    const last = held.at(-1);
    if (last !== undefined && last.length + bytes.length <= 4096) held[held.length - 1] = Buffer.concat([last, bytes]);
    else held.push(Buffer.from(bytes));
    heldBytes += bytes.length;
  }

  return {
    push(chunk) {
      let from = 0;
      while (from < chunk.length) {
        const newline = chunk.indexOf(NEWLINE, from);
        const to = newline === -1 ? chunk.length : newline;
        const room = maxBytes - heldBytes;
        if (to - from > room) {
          cutEvent(chunk.subarray(from, from + room + 1));
          from += room;
        } else if (newline === -1) {
          hold(chunk.subarray(from));
          return;
        } else {
          end(chunk.subarray(from, newline));
          from = newline + 1;
        }
      }
    },
    flush() {
      if (heldBytes > 0) end(EMPTY);
    },
  };
}

/** The last place up to `at` where a UTF-8 character starts; `at` itself when the bytes are not UTF-8. */
function characterStart(bytes: Buffer, at: number): number {
  for (let place = at; place > 0 && place > at - 4; place--) {
    if (((bytes[place] ?? 0) & 0xc0) !== 0x80) return place;
  }
  return at;
}
