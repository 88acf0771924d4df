/** Of every isolation level: the bound of memory, and what is told of its use. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { sleepForever } from "./scripts.ts";
import { check, type Subject, testLimits } from "./subject.ts";

export function memoryPromises(subject: Subject): void {
  check("bounds memory, and says so when it was too much", async () => {
    const script = "const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1))";
    const { exit } = await subject.run(script, { limits: { ...testLimits, memoryMB: 128 } });
    assert.equal(exit.oomKilled, true);
  });

  check("tells how much memory is used", async () => {
    const script = `globalThis.x = Buffer.alloc(48 << 20, 1); console.log("filled"); ${sleepForever}`;
    const { jail, first } = await subject.start(script);
    await first;
    // The figures of some levels are those of a moment ago.
    while (jail.memory().currentBytes <= 48 << 20) await sleep(20);
    const { currentBytes, peakBytes, oomKills } = jail.memory();
    assert.ok(currentBytes > 48 << 20, `${currentBytes} bytes now`);
    assert.ok(peakBytes >= currentBytes && peakBytes <= 192 << 20, `${peakBytes} bytes at most`);
    assert.equal(oomKills, 0);
    await jail.destroy();
  });
}
