import { free } from "../memory.ts";

/** Until so much has come, storage doubles; an announcement counts as a sixteenth of it has come. */
const FIRST_BYTES = 64 * 1024;
const TRUST = 16;

/** The pieces of one body, in storage that grows with what has come. */
export class Gathering {
  #storage: Buffer;
  #length = 0;
  readonly #expected: number;
  /** The piece that has come last. Its sender may still be looking at it. */
  #last: Buffer | undefined;

  /** @param expected What has been announced, or 0. */
  constructor(expected: number) {
    this.#expected = expected;
    this.#storage = Buffer.allocUnsafe(Math.min(expected, FIRST_BYTES));
  }

  /** Of what has come. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that are held for it. */
  get held(): number {
    return this.#storage.length;
  }

  /** Takes the piece: its memory is given back when the next one comes. */
  add(piece: Buffer): void {
    const needed = this.#length + piece.length;
    if (needed > this.#storage.length) this.#grow(needed);
    this.#storage.set(piece, this.#length);
    this.#length = needed;
    if (this.#last !== undefined) free(this.#last);
    this.#last = piece;
  }

  #grow(needed: number): void {
    const size = Math.max(needed, Math.min(this.#expected, needed * TRUST), needed <= this.#expected ? 0 : needed * 2);
    const grown = Buffer.allocUnsafe(size);
    grown.set(this.#storage.subarray(0, this.#length));
    free(this.#storage);
    this.#storage = grown;
  }

  /** All that has come. */
  take(): Buffer {
    return this.#storage.subarray(0, this.#length);
  }
}
