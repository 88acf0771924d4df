import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createTurns } from "./turns.ts";

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("never more at once than allowed, each as often as it wants, one turn each in turn", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(6), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 3 }),
      async (wishes, parallel) => {
        const left = [...wishes];
        const order: number[] = [];
        const running: (() => void)[] = [];
        let most = 0;
        const turns = createTurns<number>({
          parallel,
          wants: (one) => (left[one] ?? 0) > 0,
          begin(one) {
            left[one] = (left[one] ?? 0) - 1;
            order.push(one);
            return new Promise((resolve) => {
              running.push(resolve);
              most = Math.max(most, running.length);
            });
          },
        });
        wishes.forEach((_, one) => turns.ask(one));
        while (running.length > 0) {
          running.shift()?.();
          await settle();
        }
        assert.deepEqual(
          left,
          wishes.map(() => 0),
        );
        assert.ok(most <= parallel);
        // Whoever asks has a turn before somebody else has a third: one may have been begun, and one be due, before.
        for (const [one, count] of wishes.entries()) {
          const first = order.indexOf(one);
          for (const other of new Set(order)) {
            const before = order.slice(0, Math.max(0, first)).filter((each) => each === other).length;
            if (parallel === 1 && count > 0) assert.ok(before <= 2, `${other} had ${before} turns before ${one}`);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
