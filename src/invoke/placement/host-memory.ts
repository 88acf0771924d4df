/**
 * How much memory the environments of this machine may be promised. Jails may be given more in all than the machine has,
 * because most of them wait: a frozen environment cannot take any more than it has, so that it counts with what it really
 * uses, which the machine itself tells. One that can run is promised all that it is configured for.
 *
 * The rule: what is promised fits into what is available. What an environment uses already is then counted twice, which
 * errs on the safe side. Disks of /tmp, pre-booted jails, Kiln itself and other programs are seen by what they use.
 */
export interface HostMemory {
  /** Promises it, or says that it is not there now. One environment always fits into a machine without others. */
  take(memoryMB: number): boolean;
  giveBack(memoryMB: number): void;
  /** Resolves when memory is given back next. */
  change(): Promise<void>;
  readonly promisedMB: number;
  readonly availableMB: number;
}

/** @param availableMB MB that can be used without harm, now. */
export function createHostMemory(availableMB: () => number): HostMemory {
  let promisedMB = 0;
  const waiting: (() => void)[] = [];
  return {
    take(memoryMB) {
      if (promisedMB > 0 && promisedMB + memoryMB > availableMB()) return false;
      promisedMB += memoryMB;
      return true;
    },
    giveBack(memoryMB) {
      promisedMB -= memoryMB;
      for (const resolve of waiting.splice(0)) resolve();
    },
    change: () => new Promise((resolve) => waiting.push(resolve)),
    get promisedMB() {
      return promisedMB;
    },
    get availableMB() {
      return availableMB();
    },
  };
}
