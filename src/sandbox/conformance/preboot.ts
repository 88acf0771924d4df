/** Of every isolation level: jails that are there before their function. */
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { KilnError } from "../../base/errors.ts";
import { connect, readTask, sleepForever } from "./scripts.ts";
import { check, type Subject, testLimits } from "./subject.ts";

export function prebootPromises(subject: Subject): void {
  check("gives a pre-booted jail to a function, once", async (t) => {
    if (!subject.sandbox.preboot) return t.skip("this level does not pre-boot");
    const wait = `${connect}.on("data", () => { console.log(${readTask}, require("node:fs").statfsSync("/tmp").blocks * 4096 / 2 ** 20) })`;
    let socket: Socket | undefined;
    const ready = Promise.withResolvers<void>();
    const { jail, stdout, stderr } = await subject.start(wait, {
      onConnection(incoming) {
        socket = incoming;
        ready.resolve();
      },
    });
    await ready.promise;
    const limits = { ...testLimits, memoryMB: 256, tmpMB: 64 };
    await jail.assign({ code: await subject.fixture.image({ name: "mine" }) }, limits);
    socket?.end("go");
    await jail.exited;
    const [name, megabytes] = (await stdout).trim().split(" ");
    assert.equal(name, "mine", await stderr);
    assert.ok(Number(megabytes) >= 64 && Number(megabytes) < 72, `${megabytes} MB of /tmp`);
    await jail.destroy();
    await assert.rejects(jail.assign({}, limits), KilnError);
  });

  check("refuses to assign a jail that has a function", async (t) => {
    if (!subject.sandbox.preboot) return t.skip("this level does not pre-boot");
    const { jail } = await subject.start(sleepForever, { tree: {} });
    await assert.rejects(jail.assign({}, testLimits), KilnError);
    await jail.destroy();
  });
}
