/** Gathers a body of unknown chunks into one buffer, in storage that doubles up to the limit. */
export interface BodyCollector {
  /** False when the bytes do not fit; nothing of them is kept then. */
  add(bytes: Buffer): boolean;
  take(): Buffer;
}

/** @param expected Length if it is known; only a hint, because nothing has been sent yet. */
export function createBodyCollector(limitBytes: number, expected: number): BodyCollector {
  let storage = Buffer.allocUnsafe(Math.min(expected, 64 * 1024));
  let length = 0;
  return {
    add(bytes) {
      const needed = length + bytes.length;
      if (needed > limitBytes) return false;
      if (needed > storage.length) {
        // The peer has sent a part of what it has announced: what it does not send after all takes no memory either.
        const wanted = Math.max(needed, storage.length * 2, 1024, expected);
        const grown = Buffer.allocUnsafe(Math.min(limitBytes, wanted));
        storage.copy(grown, 0, 0, length);
        storage = grown;
      }
      bytes.copy(storage, length);
      length = needed;
      return true;
    },
    take() {
      return storage.subarray(0, length);
    },
  };
}
