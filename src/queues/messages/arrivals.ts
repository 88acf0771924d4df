/** Wakes receivers that wait for a first message (long polling). */
export interface Arrivals {
  /** There may be something to receive in the queue. */
  announce(queue: string): void;
  /** Resolves at the next announcement, after `ms`, or when the signal is aborted. */
  wait(queue: string, ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** Nobody waits any more. */
  close(): void;
}

export function createArrivals(): Arrivals {
  const waiting = new Map<string, Set<() => void>>();
  let open = true;

  function announce(queue: string): void {
    for (const wake of waiting.get(queue) ?? []) wake();
  }

  return {
    announce,
    async wait(queue, ms, signal) {
      if (!open || signal?.aborted === true || ms <= 0) return;
      const wakers = waiting.get(queue) ?? new Set();
      waiting.set(queue, wakers);
      const { promise, resolve: wake } = Promise.withResolvers<void>();
      const timer = setTimeout(wake, ms);
      wakers.add(wake);
      const abort = (): void => wake();
      signal?.addEventListener("abort", abort, { once: true });
      try {
        await promise;
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        wakers.delete(wake);
        if (wakers.size === 0 && waiting.get(queue) === wakers) waiting.delete(queue);
      }
    },
    close() {
      open = false;
      for (const queue of waiting.keys()) announce(queue);
    },
  };
}
