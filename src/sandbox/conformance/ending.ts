/** Of every isolation level: the end of a jail and of its sandbox. */
import assert from "node:assert/strict";
import { KilnError } from "../../base/errors.ts";
import { sleepForever } from "./scripts.ts";
import { check, type Subject } from "./subject.ts";

export function endingPromises(subject: Subject): void {
  check("ends everything on destroy, however often it is asked, and also descendants that ignore signals", async () => {
    const child = `process.on("SIGTERM", () => {}); ${sleepForever}`;
    const script = `
      require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { detached: true, stdio: "inherit" });
      console.log("started"); ${sleepForever}`;
    const { jail, first, stdout } = await subject.start(script);
    await first;
    const [end, again] = await Promise.all([jail.destroy(), jail.destroy()]);
    assert.deepEqual(end, again);
    assert.equal(end.signal, "SIGKILL");
    assert.deepEqual(await jail.exited, end);
    // The end of the stream: nobody is left who could write.
    assert.equal(await stdout, "started\n");
  });

  check("destroys what still runs when it closes, and then starts nothing", async () => {
    const { jail, first, stdout } = await subject.start(`console.log("up"); ${sleepForever}`);
    await first;
    await subject.sandbox.close();
    assert.equal((await jail.exited).signal, "SIGKILL");
    assert.equal(await stdout, "up\n");
    await assert.rejects(subject.start(""), KilnError);
  });
}
