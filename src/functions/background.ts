/** Work that goes on after an answer: each name at most once at a time, a few names at once, nothing lost. */

export interface Background {
  /** Runs `work(name)` soon. A name that is running already runs once more afterwards. */
  enqueue(name: string): void;
  /** Resolves when nothing runs and nothing waits. */
  settled(): Promise<void>;
  /** Takes nothing more and waits for what runs. */
  close(): Promise<void>;
}

export interface BackgroundOptions {
  work(name: string): Promise<void>;
  concurrency: number;
  /** What `work` threw. */
  report: (error: unknown) => void;
}

export function createBackground(options: BackgroundOptions): Background {
  const waiting = new Set<string>();
  const running = new Set<string>();
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
    } catch (error) {
      options.report(error);
    }
    running.delete(name);
    next();
  };

  const settled = (): Promise<void> =>
    new Promise((resolve) => {
      idle.push(resolve);
      next();
    });

  return {
    enqueue(name) {
      if (closed) return;
      waiting.add(name);
      next();
    },
    settled,
    close() {
      closed = true;
      waiting.clear();
      return settled();
    },
  };
}
