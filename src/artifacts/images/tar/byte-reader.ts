import { badImage } from "../refusal.ts";

/** Reads pieces of wanted sizes out of pieces of any size. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** At most `most` bytes, without a copy; undefined at the end. */
  async some(most: number): Promise<Uint8Array | undefined> {
    while (this.#piece.byteLength === 0) {
      if (this.#ended) return undefined;
      const { done, value } = await this.#source.next();
      if (done === true) {
        this.#ended = true;
        return undefined;
      }
      this.#piece = value;
    }
    const taken = this.#piece.subarray(0, most);
    this.#piece = this.#piece.subarray(taken.byteLength);
    return taken;
  }

  /** Exactly so many bytes; undefined where nothing is left. Throws where it ends in between. */
  async exactly(bytes: number): Promise<Buffer | undefined> {
    const whole = Buffer.alloc(bytes);
    let filled = 0;
    while (filled < bytes) {
      const piece = await this.some(bytes - filled);
      if (piece === undefined) {
        if (filled === 0) return undefined;
        throw badImage("a layer's archive ends in the middle of an entry");
      }
      whole.set(piece, filled);
      filled += piece.byteLength;
    }
    return whole;
  }

  async skip(bytes: number): Promise<void> {
    for (let left = bytes; left > 0;) {
      const piece = await this.some(left);
      if (piece === undefined) throw badImage("a layer's archive ends in the middle of an entry");
      left -= piece.byteLength;
    }
  }

  /** Reads to the end, so that a check at the end of the source takes place. */
  async drain(): Promise<void> {
    while ((await this.some(Number.MAX_SAFE_INTEGER)) !== undefined);
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#piece = new Uint8Array(0);
    await this.#source.return?.();
  }
}
