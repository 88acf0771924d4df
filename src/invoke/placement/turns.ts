/**
 * Environments that are started at the same time are few, because they share the processors: all of a burst at once would
 * all be late, and miss the bounds of their init phases. Functions take turns, so that one's burst does not hold up another's
 * first call.
 */
export interface Turns<T> {
  /** It wants a turn. Asking again before the turn has come changes nothing. */
  ask(one: T): void;
  readonly running: number;
}

export interface TurnsOptions<T> {
  /** Turns that are taken at the same time. */
  parallel: number;
  /** Whether it still wants the turn that has come. */
  wants: (one: T) => boolean;
  /** Takes the turn; resolves when the next one may begin. Must not reject. */
  begin: (one: T) => Promise<void>;
}

export function createTurns<T>({ parallel, wants, begin }: TurnsOptions<T>): Turns<T> {
  /** In the order in which they come; a set keeps it. */
  const asking = new Set<T>();
  let running = 0;

  function next(): void {
    while (running < parallel) {
      const { value: one, done } = asking.values().next();
      if (done === true) return;
      asking.delete(one);
      if (!wants(one)) continue;
      running += 1;
      void begin(one).finally(() => {
        running -= 1;
        next();
      });
      // One turn each, then the next: it waits behind the others for another.
      if (wants(one)) asking.add(one);
    }
  }

  return {
    ask(one) {
      asking.add(one);
      next();
    },
    get running() {
      return running;
    },
  };
}
