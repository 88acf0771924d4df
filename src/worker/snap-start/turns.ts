/** A few at a time, the others in the order in which they came. */
export interface Turns {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void>;
}

export function createTurns(most: number): Turns {
  const waiting: (() => void)[] = [];
  const all = new Set<Promise<unknown>>();
  let running = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Whoever waits takes this one's place.
      if (next !== undefined) next();
      else running -= 1;
    }
  }

  return {
    run(work) {
      const done = inTurn(work);
      all.add(done);
      const forget = (): void => void all.delete(done);
      done.then(forget, forget);
      return done;
    },
    async idle() {
      while (all.size > 0) await Promise.allSettled(all);
    },
  };
}
