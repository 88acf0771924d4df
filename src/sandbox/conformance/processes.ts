/** Of every isolation level: the first process, further ones, and how they end. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { KilnError } from "../../base/errors.ts";
import { sleepForever } from "./scripts.ts";
import { check, type Subject, textOf } from "./subject.ts";

export function processPromises(subject: Subject): void {
  check("gives the command its arguments, exactly its environment, and the output streams", async () => {
    const script = `console.log(JSON.stringify([process.argv.slice(1), process.env])); console.error("and this")`;
    const argv = [subject.fixture.node, "-e", script, "--", "a b", "ü"];
    const { exit, stdout, stderr } = await subject.run(script, { argv, env: { NAME: "va=lue", EMPTY: "" } });
    assert.deepEqual(exit, { status: 0, signal: null, oomKilled: false });
    const [args, env] = JSON.parse(stdout) as [string[], Record<string, string>];
    assert.deepEqual(args, ["a b", "ü"]);
    assert.deepEqual({ ...env, HOME: undefined }, { NAME: "va=lue", EMPTY: "", HOME: undefined });
    assert.equal(stderr, "and this\n");
  });

  check("lets output be written through /dev/stdout too", async () => {
    const { stdout } = await subject.run(`require("node:fs").writeFileSync("/dev/stdout", "there")`);
    assert.equal(stdout, "there");
  });

  check("reports exit statuses and signals", async () => {
    assert.deepEqual((await subject.run("process.exit(7)")).exit, { status: 7, signal: null, oomKilled: false });
    const killed = await subject.run(`process.kill(process.pid, "SIGSEGV"); ${sleepForever}`);
    assert.deepEqual(killed.exit, { status: null, signal: "SIGSEGV", oomKilled: false });
  });

  check("refuses a command that is not there, and leaves nothing of it", async () => {
    const argv = ["/nowhere/program"];
    const id = "missing-command";
    const attempt = subject.start("", { id, argv }).then(async ({ jail }) => {
      const exit = await jail.exited;
      await jail.destroy();
      return exit;
    });
    // A level may find out before or after the first process runs.
    const outcome = await attempt.catch((error: unknown) => error);
    assert.ok(outcome instanceof KilnError || (outcome as { status: number }).status === 127, String(outcome));
    assert.equal((await subject.run("process.exit(3)", { id })).exit.status, 3);
  });

  check("keeps a jail without a first process, runs processes in it, and tells how each ends", async () => {
    const { jail } = await subject.start("", { argv: [], env: { SHARED: "no" } });
    const script = (text: string) => ({ argv: [subject.fixture.node, "-e", text], env: { NAME: "va=l'u\n'e" } });
    const one = jail.run(
      script(
        `console.log(process.env.NAME, process.env.SHARED, process.getuid()); console.error("e"); process.exit(7)`,
      ),
    );
    const streams = Promise.all([textOf(one.stdout), textOf(one.stderr)]);
    assert.deepEqual(await one.exited, { status: 7, signal: null });
    assert.deepEqual(await streams, ["va=l'u\n'e undefined 993\n", "e\n"]);
    const two = jail.run(
      script(`process.on("SIGTERM", () => console.log("term")); console.log("up"); ${sleepForever}`),
    );
    two.stdout.setEncoding("utf8");
    assert.deepEqual(await once(two.stdout, "data"), ["up\n"]);
    two.kill("SIGTERM");
    assert.deepEqual(await once(two.stdout, "data"), ["term\n"]);
    two.kill("SIGKILL");
    assert.deepEqual(await two.exited, { status: null, signal: "SIGKILL" });
    two.kill("SIGKILL");
    assert.equal((await jail.run({ argv: ["/nowhere"], env: {} }).exited).status, 127);
    assert.equal((await jail.run({ argv: ["/etc/passwd"], env: {} }).exited).status, 126);
    const three = jail.run(script(`console.log("up"); ${sleepForever}`));
    await once(three.stdout, "data");
    await jail.destroy();
    assert.equal((await three.exited).signal, "SIGKILL");
    assert.throws(() => jail.run(script("")), KilnError);
  });

  check("passes SIGTERM on", async () => {
    const script = `process.on("SIGTERM", () => process.exit(9)); console.log("ready"); ${sleepForever}`;
    const { jail, first } = await subject.start(script);
    await first;
    jail.terminate();
    assert.deepEqual(await jail.exited, { status: 9, signal: null, oomKilled: false });
    await jail.destroy();
    jail.terminate();
  });
}
