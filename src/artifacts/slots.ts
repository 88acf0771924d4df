/** Lets a few work at once; the others wait in line. */
export interface Slots {
  run<T>(task: () => Promise<T>): Promise<T>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const line: (() => void)[] = [];
  return {
    async run(task) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => line.push(resolve));
      try {
        return await task();
      } finally {
        // The slot goes from hand to hand: nobody who comes now is faster than the line.
        const next = line.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
