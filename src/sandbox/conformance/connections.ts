/** Of every isolation level: the jail's own Runtime API, and what listens inside. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { KilnError } from "../../base/errors.ts";
import { connect } from "./scripts.ts";
import { check, type Subject, textOf } from "./subject.ts";

export function connectionPromises(subject: Subject): void {
  check("brings connections to the jail's own Runtime API, and tells jails apart", async () => {
    const names = ["one", "two"];
    const heard = await Promise.all(
      names.map(async (word) => {
        const first = Promise.withResolvers<string>();
        const onConnection = (socket: Socket): void => {
          socket.once("data", (data: Buffer) => {
            first.resolve(String(data));
            socket.end(`hello ${word}`);
          });
        };
        const script = `${connect}.on("data", (data) => process.stdout.write(data)).write("I am ${word}")`;
        const { stdout } = await subject.run(script, { onConnection });
        return { heard: await first.promise, answered: stdout };
      }),
    );
    assert.deepEqual(
      heard,
      names.map((word) => ({ heard: `I am ${word}`, answered: `hello ${word}` })),
    );
  });

  check("connects to what listens inside, and to nothing else", async () => {
    const script = `require("node:net").createServer((socket) => socket.end("inside")).listen(8080, "127.0.0.1", () => console.log("up"))`;
    const { jail, first } = await subject.start(script);
    await first;
    assert.equal(await textOf(jail.connect(8080)), "inside");
    const [error] = (await once(jail.connect(8081), "error")) as [NodeJS.ErrnoException];
    assert.equal(error.code, "ECONNREFUSED");
    await jail.destroy();
    assert.throws(() => jail.connect(8080), KilnError);
  });
}
