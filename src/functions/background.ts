/**
 * Work that goes on after an answer: each name at most once at a time, a few names at once, nothing lost. Work that
 * throws is tried again later and later, because nobody waits for it who could ask again.
 */

export interface Background {
  /** Runs `work(name)` soon. A name that is running already runs once more afterwards. */
  enqueue(name: string): void;
  /** Resolves when nothing runs and nothing waits, but for what failed and is tried again later. */
  settled(): Promise<void>;
  /** Takes nothing more and waits for what runs. */
  close(): Promise<void>;
}

export interface BackgroundOptions {
  work(name: string): Promise<void>;
  concurrency: number;
  /** What `work` threw. */
  report: (error: unknown) => void;
  /** ms before the first retry; each further one waits twice as long, up to a minute. Default 1,000. */
  retryDelay?: number;
}

/** ms */
const MAX_DELAY = 60_000;

export function createBackground(options: BackgroundOptions): Background {
  const waiting = new Set<string>();
  const running = new Set<string>();
  /** Names that failed, with the delay of their last retry in ms. */
  const failed = new Map<string, number>();
  const timers = new Set<NodeJS.Timeout>();
  let closed = false;
  let idle: (() => void)[] = [];

  const next = (): void => {
    for (const name of waiting) {
      if (closed || running.size >= options.concurrency) break;
      if (running.has(name)) continue;
      waiting.delete(name);
      running.add(name);
      void run(name);
    }
    if (running.size === 0 && (closed || waiting.size === 0)) {
      const resolvers = idle;
      idle = [];
      for (const resolve of resolvers) resolve();
    }
  };

  const run = async (name: string): Promise<void> => {
    try {
      await options.work(name);
      failed.delete(name);
    } catch (error) {
      options.report(error);
      retryLater(name);
    }
    running.delete(name);
    next();
  };

  const retryLater = (name: string): void => {
    if (closed) return;
    const before = failed.get(name);
    const delay = before === undefined ? (options.retryDelay ?? 1000) : Math.min(before * 2, MAX_DELAY);
    failed.set(name, delay);
    const timer = setTimeout(() => {
      timers.delete(timer);
      enqueue(name);
    }, delay).unref();
    timers.add(timer);
  };

  const enqueue = (name: string): void => {
    if (closed) return;
    waiting.add(name);
    next();
  };

  const settled = (): Promise<void> =>
    new Promise((resolve) => {
      idle.push(resolve);
      next();
    });

  return {
    enqueue,
    settled,
    close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      waiting.clear();
      return settled();
    },
  };
}
