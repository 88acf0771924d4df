/** Where Kiln cannot run, the commands say so in plain words, and exit non-zero. */
import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { kilnProgram, root, run } from "../support/kiln.ts";

const scripts = ["start", "test", "setup"];

for (const script of scripts) {
  test(`tools/${script} without root says what it needs`, async () => {
    const finished = await run("setpriv", [
      "--reuid=65534",
      "--regid=65534",
      "--clear-groups",
      "sh",
      join(root, "tools", script),
    ]);
    assert.equal(finished.status, 1);
    assert.match(finished.stderr, /needs root.*\n.*sudo npm/);
    assert.equal(finished.stdout, "");
  });

  test(`tools/${script} on another system says what it needs`, async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "kiln-uname-"));
    context.after(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "uname"), "#!/bin/sh\necho Darwin\n");
    await chmod(join(folder, "uname"), 0o755);
    const finished = await run("sh", [join(root, "tools", script)], { PATH: `${folder}:${process.env["PATH"]}` });
    assert.equal(finished.status, 1);
    assert.match(finished.stderr, /this is Darwin, and Kiln runs on Linux only/);
  });
}

test("kiln serve without root says what it needs, without a stack trace", async () => {
  const finished = await run("setpriv", [
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    kilnProgram,
    "serve",
    "--state",
    "/tmp/kiln-nobody",
  ]);
  assert.equal(finished.status, 1);
  assert.match(finished.stderr, /root/);
  assert.doesNotMatch(finished.stderr, /\n\s+at /);
});
