/** Of every isolation level: jails that stand still between calls. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "./scripts.ts";
import { check, nextId, type Subject, testLimits } from "./subject.ts";

export function freezingPromises(subject: Subject): void {
  /** Says a line every few ms, and answers lines on its connection with the time. */
  const ticking = `
    let ticks = 0;
    setInterval(() => process.stdout.write("tick " + ++ticks + "\\n"), 5);
    ${connect}.on("data", function () { this.write(ticks + " " + Date.now()) });`;

  async function startTicking() {
    const connected = Promise.withResolvers<Socket>();
    const jail = await subject.sandbox.create({
      id: nextId(),
      rootImage: subject.fixture.rootImage,
      argv: [subject.fixture.node, "-e", ticking],
      env: {},
      limits: testLimits,
      onConnection: connected.resolve,
    });
    jail.stderr.resume();
    let lines = 0;
    jail.stdout.on("data", (data: Buffer) => (lines += String(data).split("\n").length - 1));
    const socket = await connected.promise;
    await once(jail.stdout, "data");
    /** Waits until nothing more has been said for a while; how much has been said by then. */
    const quiet = async (): Promise<number> => {
      for (;;) {
        const before = lines;
        await sleep(60);
        if (lines === before) return lines;
      }
    };
    return { jail, socket, quiet };
  }

  check("freezes: nothing runs, memory and connections stay; and thaws: timers and clocks go on", async (t) => {
    const { jail, socket, quiet } = await startTicking();
    t.after(() => jail.destroy());
    if (jail.freeze === undefined || jail.thaw === undefined) return t.skip("this level does not freeze");
    jail.freeze();
    jail.freeze();
    const said = await quiet();
    assert.ok(jail.memory().currentBytes > 0);
    socket.write("?");
    assert.equal(await quiet(), said);
    const thawedAt = Date.now();
    jail.thaw();
    jail.thaw();
    const [[answer]] = (await Promise.all([once(socket, "data"), once(jail.stdout, "data")])) as [[Buffer], unknown];
    const [ticks, time] = String(answer).split(" ").map(Number);
    assert.ok((ticks ?? 0) >= said && (ticks ?? 0) < said + 50, `${ticks} ticks, ${said} of them before`);
    assert.ok((time ?? 0) >= thawedAt, "the clock has stood still");
  });

  check("ends a frozen jail as any other, by SIGTERM and for good", async (t) => {
    const first = await startTicking();
    t.after(() => first.jail.destroy());
    if (first.jail.freeze === undefined) return t.skip("this level does not freeze");
    first.jail.freeze();
    await first.quiet();
    first.jail.terminate();
    assert.equal((await first.jail.exited).signal, "SIGTERM");
    first.jail.freeze();
    const second = await startTicking();
    second.jail.freeze?.();
    await second.quiet();
    assert.equal((await second.jail.destroy()).signal, "SIGKILL");
    second.jail.thaw?.();
  });

  check("gives a frozen pre-booted jail to a function, and changes the limits of a frozen one", async (t) => {
    const { jail, socket, quiet } = await startTicking();
    t.after(() => jail.destroy());
    if (!subject.sandbox.preboot || jail.freeze === undefined)
      return t.skip("this level does not pre-boot, or not freeze");
    jail.freeze();
    await quiet();
    await jail.assign({ code: await subject.fixture.image({ name: "mine" }) }, { ...testLimits, memoryMB: 256 });
    jail.setVcpus?.(0.5);
    jail.thaw?.();
    socket.write("?");
    await once(socket, "data");
  });
}
