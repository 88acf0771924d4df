/**
 * What was acquired, to be given back in the opposite order: when a jail ends, or when its start fails half-way.
 * Every step is tried even if another fails; the first failure is reported.
 */
export interface Holdings {
  add(giveBack: () => void | Promise<void>): void;
  release(): Promise<void>;
}

export function createHoldings(): Holdings {
  const steps: (() => void | Promise<void>)[] = [];
  return {
    add(giveBack) {
      steps.push(giveBack);
    },
    async release() {
      const failures: unknown[] = [];
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        try {
          await step();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
