/** Of every isolation level: what is refused. */
import assert from "node:assert/strict";
import { KilnError } from "../../base/errors.ts";
import { sleepForever } from "./scripts.ts";
import { check, type Subject } from "./subject.ts";

export function refusalPromises(subject: Subject): void {
  check("refuses a name that is taken or malformed", async () => {
    const { jail } = await subject.start(sleepForever);
    await assert.rejects(subject.start("", { id: jail.id }), KilnError);
    for (const id of ["", "../x", "A", "a".repeat(65)]) {
      await assert.rejects(subject.start("", { id }), KilnError);
    }
    await jail.destroy();
  });

  check("refuses an image that is not there", async () => {
    await assert.rejects(subject.start("", { rootImage: "/nowhere.erofs" }), KilnError);
    await assert.rejects(subject.start("", { tree: { code: "/nowhere.erofs" } }), KilnError);
  });
}
