import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { kiln, root } from "./program.ts";

interface Finding {
  name: string;
  status: string;
  detail: string;
  todo?: string;
}

const isRoot = process.getuid?.() === 0;

test("doctor names everything a host needs, and its exit status says whether all is there", async () => {
  const { status, stdout } = await kiln(["doctor", "--json"]);
  const findings = JSON.parse(stdout) as Finding[];
  const names = findings.map(({ name }) => name);
  const wanted = ["system", "root", "Node.js", "memory", "cgroups", "namespaces", "EROFS", "/tmp", "runc", "microVMs"];
  for (const name of [...wanted, "shared directories"]) assert.ok(names.includes(name), name);
  const missing = findings.filter((finding) => finding.status === "missing");
  assert.equal(status, missing.length === 0 ? 0 : 1);
  for (const { name, todo } of missing) assert.ok(todo, `what to do about ${name}`);
});

test("doctor leaves nothing behind", { skip: isRoot ? false : "trying jails and mounts needs root" }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "kiln-test-doctor-"));
  t.after(() => rmSync(folder, { recursive: true }));
  await kiln(["doctor"], { env: { TMPDIR: folder } });
  assert.ok(!readFileSync("/proc/self/mountinfo", "utf8").includes(folder));
  assert.deepEqual(readdirSync(folder), []);
});

test("doctor without root: root is what is missing", { skip: isRoot ? false : "this is not root" }, () => {
  let output = "";
  try {
    const unprivileged = ["--reuid=65534", "--regid=65534", "--clear-groups", join(root, "bin/kiln"), "doctor"];
    execFileSync("setpriv", unprivileged, { stdio: ["ignore", "pipe", "pipe"] });
    assert.fail("it should have failed");
  } catch (thrown) {
    const { status, stdout, stderr } = thrown as { status: number; stdout: Buffer; stderr: Buffer };
    assert.equal(status, 1);
    output = `${stdout.toString()}${stderr.toString()}`;
  }
  assert.match(output, /^missing +root +this is user 65534\n +→ .*sudo/m);
  assert.match(output, /Kiln cannot run here yet/);
  assert.doesNotMatch(output, /\n\s+at /);
});

test(
  "another user's state directory is told apart from one without a Kiln",
  { skip: isRoot ? false : "this is not root" },
  (t) => {
    const state = mkdtempSync(join(tmpdir(), "kiln-test-state-"));
    t.after(() => rmSync(state, { recursive: true }));
    for (const given of [["--state", state], []]) {
      const unprivileged = [
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        join(root, "bin/kiln"),
        "list",
        ...given,
      ];
      const env = { ...process.env, AWS_ENDPOINT_URL: "", KILN_STATE: state };
      const { status, stderr } = spawnSync("setpriv", unprivileged, { encoding: "utf8", env });
      assert.equal(status, 1);
      assert.match(stderr, /^kiln: This user may not read \S+endpoint.json.*\n.*sudo kiln env/);
    }
  },
);

test("runtimes: the newest first, built or not, with AWS's dates", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "kiln-test-runtimes-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const { status, stdout, stderr } = await kiln(["runtimes", "--runtimes", folder]);
  assert.equal(status, 0, stderr);
  assert.match(
    stdout,
    /^RUNTIME +IMAGE +DEPRECATED +NO CREATE +NO UPDATE\nnodejs26\.x +not built *\nnodejs24\.x +not built +\d{4}-\d\d-\d\d/,
  );
  assert.match(stderr, /kiln runtimes build/);
  const all = JSON.parse((await kiln(["runtimes", "--runtimes", folder, "--json"])).stdout) as { id: string }[];
  assert.ok(all.some(({ id }) => id === "provided.al2023"));
  const unknown = await kiln(["runtimes", "build", "cobol1.x", "--runtimes", folder]);
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /cobol1\.x/);
});
