const EMPTY = Buffer.alloc(0);

/**
 * A growable queue of bytes: appended at the end, consumed at the front. A peer that sends one byte at a time costs
 * linear work, because storage doubles and consumed bytes are only moved when storage is full. The first chunk is kept
 * without a copy, which is the usual case: one request in one packet.
 */
export class ByteBuffer {
  #storage: Buffer = EMPTY;
  /** Whether `#storage` is ours to write into, or a chunk that the socket gave us. */
  #owned = false;
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** The bytes held now. Valid until the next `append`. */
  view(): Buffer {
    return this.#storage.subarray(this.#start, this.#end);
  }

  append(chunk: Buffer): void {
    if (this.length === 0) {
      this.#storage = chunk;
      this.#owned = false;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    const needed = this.length + chunk.length;
    if (!this.#owned || this.#end + chunk.length > this.#storage.length) {
      if (this.#owned && needed <= this.#storage.length / 2) {
        this.#storage.copyWithin(0, this.#start, this.#end);
      } else {
        const grown = Buffer.allocUnsafeSlow(Math.max(1024, needed * 2));
        this.#storage.copy(grown, 0, this.#start, this.#end);
        this.#storage = grown;
        this.#owned = true;
      }
      this.#end -= this.#start;
      this.#start = 0;
    }
    chunk.copy(this.#storage, this.#end);
    this.#end += chunk.length;
  }

  consume(count: number): void {
    this.#start += count;
    if (this.#start >= this.#end) this.clear();
  }

  clear(): void {
    this.#storage = EMPTY;
    this.#owned = false;
    this.#start = 0;
    this.#end = 0;
  }
}
