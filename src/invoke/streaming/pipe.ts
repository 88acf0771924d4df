import type { ResponseSink } from "../../worker/contract.ts";
import type { Bandwidth } from "./bandwidth.ts";

/** Bytes that wait for a slow reader before the function is not read any more. */
const HIGH_WATER_BYTES = 256 * 1024;

/**
 * A streamed answer on its way from a function to its caller: bounded, no faster than the bandwidth allows, and never in the
 * function's way once the caller has gone, because on AWS a function runs to its end then.
 */
export interface ResponsePipe extends ResponseSink, AsyncIterable<Uint8Array> {
  /** No more comes. Pieces that wait can still be read. */
  end(): void;
  /** Throws away what is there and what comes. Idempotent. */
  discard: () => void;
  /** One reader. When it stops before the end, what comes after is thrown away. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined>;
}

export function createResponsePipe(bandwidth: Bandwidth): ResponsePipe {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let ended = false;
  let discarding = false;
  let resting: NodeJS.Timeout | undefined;
  let wake: (() => void) | undefined;

  function takesMore(): boolean {
    return resting === undefined && bytes < HIGH_WATER_BYTES;
  }

  function rest(ms: number): void {
    clearTimeout(resting);
    resting = setTimeout(() => {
      resting = undefined;
      if (takesMore()) pipe.onReady?.();
    }, ms);
  }

  function discard(): void {
    discarding = true;
    pieces.length = bytes = 0;
    clearTimeout(resting);
    resting = undefined;
    wake?.();
    pipe.onReady?.();
  }

  function take(): Uint8Array | undefined {
    const piece = pieces.shift();
    if (piece === undefined) return undefined;
    const full = bytes >= HIGH_WATER_BYTES;
    bytes -= piece.length;
    if (full && takesMore()) pipe.onReady?.();
    return piece;
  }

  async function next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      if (discarding) return { done: true, value: undefined };
      const piece = take();
      if (piece !== undefined) return { done: false, value: piece };
      if (ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  const pipe: ResponsePipe = {
    onReady: undefined,
    write(piece) {
      if (discarding) return true;
      pieces.push(piece);
      bytes += piece.length;
      wake?.();
      const ms = bandwidth.count(piece.length);
      if (ms > 0) rest(ms);
      return takesMore();
    },
    end() {
      ended = true;
      clearTimeout(resting);
      resting = undefined;
      wake?.();
    },
    discard,
    [Symbol.asyncIterator]: () => ({
      next,
      async return() {
        discard();
        return { done: true, value: undefined };
      },
    }),
  };
  return pipe;
}
