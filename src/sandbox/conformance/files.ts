/** Of every isolation level: code, layers, the root and /tmp. */
import assert from "node:assert/strict";
import { readTask, sleepForever } from "./scripts.ts";
import { check, type Subject, testLimits } from "./subject.ts";

export function filePromises(subject: Subject): void {
  check("shows code at /var/task and layers at /opt", async () => {
    const tree = {
      code: await subject.fixture.image({ name: "code" }),
      layers: await subject.fixture.image({ "lib/name": "layer" }),
    };
    const script = `console.log(${readTask}, require("node:fs").readFileSync("/opt/lib/name", "utf8"))`;
    assert.equal((await subject.run(script, { tree })).stdout, "code layer\n");
  });

  check("keeps function code from changing the root, the code and the layers", async () => {
    const script = `
      const fs = require("node:fs");
      for (const dir of ["/", "/usr/bin", "/etc", "/var/task", "/opt", "/dev", "/var/runtime", "/proc/sys/kernel"])
        try { fs.writeFileSync(dir + "/x", ""); console.log(dir) } catch {}`;
    assert.equal(
      (await subject.run(script, { tree: { code: await subject.fixture.image({ name: "code" }) } })).stdout,
      "",
    );
  });

  check("lists the files of a directory of an image", async () => {
    const image = await subject.fixture.image({ "extensions/b": "", "extensions/a": "", "extensions/dir/c": "" });
    assert.deepEqual(subject.sandbox.filesIn(image, "extensions"), ["a", "b"]);
    assert.deepEqual(subject.sandbox.filesIn(image, "nowhere/else"), []);
  });

  check("bounds /tmp", async () => {
    const script = `
      const fs = require("node:fs");
      let written = 0;
      try { const fd = fs.openSync("/tmp/big", "w"); for (;;) written += fs.writeSync(fd, Buffer.alloc(1 << 16)); }
      catch (error) { console.log(error.code, written >> 20) }`;
    const { stdout } = await subject.run(script);
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
    const { exit, stdout } = await subject.run(script, { limits: { ...testLimits, memoryMB: 128, tmpMB: 320 } });
    assert.deepEqual({ ...exit, stdout }, { status: 0, signal: null, oomKilled: false, stdout: "300\n" });
  });

  check("hands /tmp on to the next jail, or lets go of it", async (t) => {
    const write = `require("node:fs").writeFileSync("/tmp/a", "kept"); console.log("up"); ${sleepForever}`;
    const { jail, first } = await subject.start(write);
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
    const second = await subject.start(append, { tmp });
    assert.equal(await second.stdout, "kept on\n", await second.stderr);
    const again = second.jail.keepTmp?.();
    await second.jail.destroy();
    await again?.release();
    await again?.release();
  });
}
