/**
 * How much memory the environments of this machine may be promised. An environment counts with its configured size,
 * from before it is started until its jail is gone.
 */
export interface HostMemory {
  /** Takes the memory, or says that it is not there now. One environment always fits into an empty machine. */
  take(memoryMB: number): boolean;
  giveBack(memoryMB: number): void;
  /** Resolves when memory is given back next. */
  change(): Promise<void>;
  readonly usedMB: number;
  readonly totalMB: number;
}

export function createHostMemory(totalMB: number): HostMemory {
  let usedMB = 0;
  const waiting: (() => void)[] = [];
  return {
    take(memoryMB) {
      if (usedMB > 0 && usedMB + memoryMB > totalMB) return false;
      usedMB += memoryMB;
      return true;
    },
    giveBack(memoryMB) {
      usedMB -= memoryMB;
      for (const resolve of waiting.splice(0)) resolve();
    },
    change: () => new Promise((resolve) => waiting.push(resolve)),
    get usedMB() {
      return usedMB;
    },
    totalMB,
  };
}
