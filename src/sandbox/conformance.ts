/** What every isolation level must do. A level's test calls `sandboxConformance` with a way to open it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test, type TestContext } from "node:test";
import { KilnError } from "../base/errors.ts";
import {
  type Jail,
  type JailLimits,
  type JailSpec,
  RUNTIME_API_HOST,
  RUNTIME_API_PORT,
  type Sandbox,
} from "./contract.ts";

export interface SandboxFixture {
  open(): Promise<Sandbox>;
  /** A root image with Node.js. */
  rootImage: string;
  /** Where Node.js lies in it. */
  node: string;
  /** Builds a read-only image of files; it lives as long as the tests. */
  image(files: Readonly<Record<string, string>>): Promise<string>;
}

export const testLimits: JailLimits = { memoryMB: 192, vcpus: 1, pids: 64, tmpMB: 16 };

/** Everything that a stream gives, as text. */
export async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

function check(title: string, body: (t: TestContext) => Promise<unknown> | void): void {
  void test(title, body as (t: TestContext) => Promise<void>);
}

let count = 0;

export interface ScriptRun {
  jail: Jail;
  stdout: Promise<string>;
  stderr: Promise<string>;
  /** The first that it says on stdout; stays open when it says nothing. */
  first: Promise<[Buffer]>;
}

/** A jail that runs a CommonJS script given as text. */
export async function startScript(
  sandbox: Sandbox,
  fixture: Pick<SandboxFixture, "rootImage" | "node">,
  script: string,
  more: Partial<JailSpec> = {},
): Promise<ScriptRun> {
  const jail = await sandbox.create({
    id: `t${process.pid}-${++count}`,
    rootImage: fixture.rootImage,
    argv: [fixture.node, "-e", script],
    env: {},
    limits: testLimits,
    onConnection: (socket) => socket.destroy(),
    ...more,
  });
  // Listens before anything is read: what a quick script says first may be there already.
  const first = once(jail.stdout, "data") as Promise<[Buffer]>;
  first.catch(() => undefined);
  return { jail, first, stdout: textOf(jail.stdout), stderr: textOf(jail.stderr) };
}

const connect = `require("node:net").connect(${RUNTIME_API_PORT}, "${RUNTIME_API_HOST}")`;
const sleepForever = "setInterval(() => {}, 1e6);";
const readTask = `require("node:fs").readFileSync("/var/task/name", "utf8")`;

/** `skip`: why this level cannot be tested on this machine. */
export function sandboxConformance(
  name: string,
  makeFixture: () => Promise<SandboxFixture>,
  skip: string | false = false,
): void {
  void describe(`sandbox ${name}`, { skip }, () => {
    let fixture: SandboxFixture;
    let sandbox: Sandbox;
    before(async () => {
      fixture = await makeFixture();
      sandbox = await fixture.open();
    });
    after(() => sandbox?.close());

    /** Runs a script to its own end. */
    async function run(script: string, more: Partial<JailSpec> = {}) {
      const { jail, stdout, stderr } = await startScript(sandbox, fixture, script, more);
      const exit = await jail.exited;
      const result = { exit, stdout: await stdout, stderr: await stderr };
      await jail.destroy();
      return result;
    }

    check("gives the command its arguments, exactly its environment, and the output streams", async () => {
      const script = `console.log(JSON.stringify([process.argv.slice(1), process.env])); console.error("and this")`;
      const argv = [fixture.node, "-e", script, "--", "a b", "ü"];
      const { exit, stdout, stderr } = await run(script, { argv, env: { NAME: "va=lue", EMPTY: "" } });
      assert.deepEqual(exit, { status: 0, signal: null, oomKilled: false });
      const [args, env] = JSON.parse(stdout) as [string[], Record<string, string>];
      assert.deepEqual(args, ["a b", "ü"]);
      assert.deepEqual({ ...env, HOME: undefined }, { NAME: "va=lue", EMPTY: "", HOME: undefined });
      assert.equal(stderr, "and this\n");
    });

    check("lets output be written through /dev/stdout too", async () => {
      const { stdout } = await run(`require("node:fs").writeFileSync("/dev/stdout", "there")`);
      assert.equal(stdout, "there");
    });

    check("reports exit statuses and signals", async () => {
      assert.deepEqual((await run("process.exit(7)")).exit, { status: 7, signal: null, oomKilled: false });
      const killed = await run(`process.kill(process.pid, "SIGSEGV"); ${sleepForever}`);
      assert.deepEqual(killed.exit, { status: null, signal: "SIGSEGV", oomKilled: false });
    });

    check("refuses a command that is not there, and leaves nothing of it", async () => {
      const argv = ["/nowhere/program"];
      const id = "missing-command";
      const attempt = startScript(sandbox, fixture, "", { id, argv }).then(async ({ jail }) => {
        const exit = await jail.exited;
        await jail.destroy();
        return exit;
      });
      // A level may find out before or after the first process runs.
      const outcome = await attempt.catch((error: unknown) => error);
      assert.ok(outcome instanceof KilnError || (outcome as { status: number }).status === 127, String(outcome));
      assert.equal((await run("process.exit(3)", { id })).exit.status, 3);
    });

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
          const { stdout } = await run(script, { onConnection });
          return { heard: await first.promise, answered: stdout };
        }),
      );
      assert.deepEqual(
        heard,
        names.map((word) => ({ heard: `I am ${word}`, answered: `hello ${word}` })),
      );
    });

    check("shows code at /var/task and layers at /opt", async () => {
      const tree = {
        code: await fixture.image({ name: "code" }),
        layers: await fixture.image({ "lib/name": "layer" }),
      };
      const script = `console.log(${readTask}, require("node:fs").readFileSync("/opt/lib/name", "utf8"))`;
      assert.equal((await run(script, { tree })).stdout, "code layer\n");
    });

    check("gives a pre-booted jail to a function, once", async (t) => {
      if (!sandbox.preboot) return t.skip("this level does not pre-boot");
      const wait = `${connect}.on("data", () => { console.log(${readTask}, require("node:fs").statfsSync("/tmp").blocks * 4096 / 2 ** 20) })`;
      let socket: Socket | undefined;
      const ready = Promise.withResolvers<void>();
      const { jail, stdout, stderr } = await startScript(sandbox, fixture, wait, {
        onConnection(incoming) {
          socket = incoming;
          ready.resolve();
        },
      });
      await ready.promise;
      const limits = { ...testLimits, memoryMB: 256, tmpMB: 64 };
      await jail.assign({ code: await fixture.image({ name: "mine" }) }, limits);
      socket?.end("go");
      await jail.exited;
      const [name, megabytes] = (await stdout).trim().split(" ");
      assert.equal(name, "mine", await stderr);
      assert.ok(Number(megabytes) >= 64 && Number(megabytes) < 72, `${megabytes} MB of /tmp`);
      await jail.destroy();
      await assert.rejects(jail.assign({}, limits), KilnError);
    });

    check("refuses to assign a jail that has a function", async (t) => {
      if (!sandbox.preboot) return t.skip("this level does not pre-boot");
      const { jail } = await startScript(sandbox, fixture, sleepForever, { tree: {} });
      await assert.rejects(jail.assign({}, testLimits), KilnError);
      await jail.destroy();
    });

    check("keeps a jail without a first process, runs processes in it, and tells how each ends", async () => {
      const { jail } = await startScript(sandbox, fixture, "", { argv: [], env: { SHARED: "no" } });
      const script = (text: string) => ({ argv: [fixture.node, "-e", text], env: { NAME: "va=l'u\n'e" } });
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

    check("connects to what listens inside, and to nothing else", async () => {
      const script = `require("node:net").createServer((socket) => socket.end("inside")).listen(8080, "127.0.0.1", () => console.log("up"))`;
      const { jail, first } = await startScript(sandbox, fixture, script);
      await first;
      assert.equal(await textOf(jail.connect(8080)), "inside");
      const [error] = (await once(jail.connect(8081), "error")) as [NodeJS.ErrnoException];
      assert.equal(error.code, "ECONNREFUSED");
      await jail.destroy();
      assert.throws(() => jail.connect(8080), KilnError);
    });

    check("hands /tmp on to the next jail, or lets go of it", async (t) => {
      const write = `require("node:fs").writeFileSync("/tmp/a", "kept"); console.log("up"); ${sleepForever}`;
      const { jail, first } = await startScript(sandbox, fixture, write);
      if (jail.keepTmp === undefined) {
        await jail.destroy();
        return t.skip("this level does not keep /tmp");
      }
      await first;
      const tmp = jail.keepTmp();
      await jail.destroy();
      assert.equal(jail.keepTmp(), undefined);
      assert.ok(tmp !== undefined);
      const append = `const fs = require("node:fs"); fs.appendFileSync("/tmp/a", " on"); console.log(fs.readFileSync("/tmp/a", "utf8"))`;
      const second = await startScript(sandbox, fixture, append, { tmp });
      assert.equal(await second.stdout, "kept on\n", await second.stderr);
      const again = second.jail.keepTmp?.();
      await second.jail.destroy();
      await again?.release();
      await again?.release();
    });

    check("lists the files of a directory of an image", async () => {
      const image = await fixture.image({ "extensions/b": "", "extensions/a": "", "extensions/dir/c": "" });
      assert.deepEqual(sandbox.filesIn(image, "extensions"), ["a", "b"]);
      assert.deepEqual(sandbox.filesIn(image, "nowhere/else"), []);
    });

    check("bounds memory, and says so when it was too much", async () => {
      const script = "const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1))";
      const { exit } = await run(script, { limits: { ...testLimits, memoryMB: 128 } });
      assert.equal(exit.oomKilled, true);
    });

    check("tells how much memory is used", async () => {
      const script = `globalThis.x = Buffer.alloc(48 << 20, 1); console.log("filled"); ${sleepForever}`;
      const { jail, first } = await startScript(sandbox, fixture, script);
      await first;
      // The figures of some levels are those of a moment ago.
      while (jail.memory().currentBytes <= 48 << 20) await sleep(20);
      const { currentBytes, peakBytes, oomKills } = jail.memory();
      assert.ok(currentBytes > 48 << 20, `${currentBytes} bytes now`);
      assert.ok(peakBytes >= currentBytes && peakBytes <= 192 << 20, `${peakBytes} bytes at most`);
      assert.equal(oomKills, 0);
      await jail.destroy();
    });

    check("bounds /tmp", async () => {
      const script = `
        const fs = require("node:fs");
        let written = 0;
        try { const fd = fs.openSync("/tmp/big", "w"); for (;;) written += fs.writeSync(fd, Buffer.alloc(1 << 16)); }
        catch (error) { console.log(error.code, written >> 20) }`;
      const { stdout } = await run(script);
      const [code, megabytes] = stdout.trim().split(" ");
      assert.equal(code, "ENOSPC");
      assert.ok(Number(megabytes) >= 15 && Number(megabytes) <= 18, stdout);
    });

    check("does not count /tmp as the function's memory", async () => {
      const script = `
        const fs = require("node:fs");
        const fd = fs.openSync("/tmp/big", "w");
        for (let i = 0; i < 300; i++) fs.writeSync(fd, Buffer.alloc(1 << 20, 1));
        console.log(fs.statSync("/tmp/big").size >> 20)`;
      const { exit, stdout } = await run(script, { limits: { ...testLimits, memoryMB: 128, tmpMB: 320 } });
      assert.deepEqual({ ...exit, stdout }, { status: 0, signal: null, oomKilled: false, stdout: "300\n" });
    });

    check("keeps function code from changing the root, the code and the layers", async () => {
      const script = `
        const fs = require("node:fs");
        for (const dir of ["/", "/usr/bin", "/etc", "/var/task", "/opt", "/dev", "/var/runtime", "/proc/sys/kernel"])
          try { fs.writeFileSync(dir + "/x", ""); console.log(dir) } catch {}`;
      assert.equal((await run(script, { tree: { code: await fixture.image({ name: "code" }) } })).stdout, "");
    });

    check("passes SIGTERM on", async () => {
      const script = `process.on("SIGTERM", () => process.exit(9)); console.log("ready"); ${sleepForever}`;
      const { jail, first } = await startScript(sandbox, fixture, script);
      await first;
      jail.terminate();
      assert.deepEqual(await jail.exited, { status: 9, signal: null, oomKilled: false });
      await jail.destroy();
      jail.terminate();
    });

    /** Says a line every few ms, and answers lines on its connection with the time. */
    const ticking = `
      let ticks = 0;
      setInterval(() => process.stdout.write("tick " + ++ticks + "\\n"), 5);
      ${connect}.on("data", function () { this.write(ticks + " " + Date.now()) });`;

    async function startTicking() {
      const connected = Promise.withResolvers<Socket>();
      const jail = await sandbox.create({
        id: `frozen-${process.pid}-${++count}`,
        rootImage: fixture.rootImage,
        argv: [fixture.node, "-e", ticking],
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
      if (!sandbox.preboot || jail.freeze === undefined) return t.skip("this level does not pre-boot, or not freeze");
      jail.freeze();
      await quiet();
      await jail.assign({ code: await fixture.image({ name: "mine" }) }, { ...testLimits, memoryMB: 256 });
      jail.setVcpus?.(0.5);
      jail.thaw?.();
      socket.write("?");
      await once(socket, "data");
    });

    check(
      "ends everything on destroy, however often it is asked, and also descendants that ignore signals",
      async () => {
        const child = `process.on("SIGTERM", () => {}); ${sleepForever}`;
        const script = `
        require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { detached: true, stdio: "inherit" });
        console.log("started"); ${sleepForever}`;
        const { jail, first, stdout } = await startScript(sandbox, fixture, script);
        await first;
        const [end, again] = await Promise.all([jail.destroy(), jail.destroy()]);
        assert.deepEqual(end, again);
        assert.equal(end.signal, "SIGKILL");
        assert.deepEqual(await jail.exited, end);
        // The end of the stream: nobody is left who could write.
        assert.equal(await stdout, "started\n");
      },
    );

    check("refuses a name that is taken or malformed", async () => {
      const { jail } = await startScript(sandbox, fixture, sleepForever);
      await assert.rejects(startScript(sandbox, fixture, "", { id: jail.id }), KilnError);
      for (const id of ["", "../x", "A", "a".repeat(65)]) {
        await assert.rejects(startScript(sandbox, fixture, "", { id }), KilnError);
      }
      await jail.destroy();
    });

    check("refuses an image that is not there", async () => {
      await assert.rejects(startScript(sandbox, fixture, "", { rootImage: "/nowhere.erofs" }), KilnError);
      await assert.rejects(startScript(sandbox, fixture, "", { tree: { code: "/nowhere.erofs" } }), KilnError);
    });

    check("destroys what still runs when it closes, and then starts nothing", async () => {
      const { jail, first, stdout } = await startScript(sandbox, fixture, `console.log("up"); ${sleepForever}`);
      await first;
      await sandbox.close();
      assert.equal((await jail.exited).signal, "SIGKILL");
      assert.equal(await stdout, "up\n");
      await assert.rejects(startScript(sandbox, fixture, ""), KilnError);
    });
  });
}
