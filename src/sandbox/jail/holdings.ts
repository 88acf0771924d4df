import { KilnError, messageOf } from "../../base/errors.ts";

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

/** Starts what holds things. Where that fails, all of it is given back, and the error is why it failed. */
export async function startHolding<T>(what: string, start: (holdings: Holdings) => Promise<T>): Promise<T> {
  const holdings = createHoldings();
  try {
    return await start(holdings);
  } catch (error) {
    let left = "";
    await holdings.release().catch((failure: unknown) => {
      left = `; nor is all of it given back: ${messageOf(failure)}`;
    });
    if (error instanceof KilnError && left === "") throw error;
    throw new KilnError("SANDBOX_FAILED", `Cannot start ${what}: ${messageOf(error)}${left}`, { cause: error });
  }
}
