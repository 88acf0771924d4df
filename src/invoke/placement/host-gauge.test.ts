import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { createHostGauge, type HostGauge } from "./host-gauge.ts";

const MIB = 1024 * 1024;
const meminfo = (totalMB: number, availableMB: number): string =>
  `MemTotal:       ${totalMB * 1024} kB\nMemFree:        1 kB\nMemAvailable:   ${availableMB * 1024} kB\n`;

const psi = (full: string): string =>
  `some avg10=40.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=${full} avg60=0.00\n`;

function machine(t: TestContext, files: Readonly<Record<string, string>>): HostGauge {
  const root = mkdtempSync(join(tmpdir(), "kiln-gauge-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return createHostGauge(root);
}

test("what is available, less a reserve", (t) => {
  assert.equal(machine(t, { "proc/meminfo": meminfo(20_000, 10_000) }).availableMB(), 9000);
  assert.equal(machine(t, { "proc/meminfo": meminfo(2000, 200) }).availableMB(), -56);
});

test("in a container: what its limit leaves, where that is less", (t) => {
  const gauge = machine(t, {
    "proc/meminfo": meminfo(20_000, 10_000),
    "sys/fs/cgroup/memory.max": String(4096 * MIB),
    "sys/fs/cgroup/memory.current": String(2048 * MIB),
    "sys/fs/cgroup/memory.stat": `anon 1\ninactive_file ${1000 * MIB}\n`,
  });
  assert.equal(gauge.availableMB(), 4096 - 2048 + 1000 - 1000);
  const open = { "proc/meminfo": meminfo(20_000, 10_000), "sys/fs/cgroup/memory.max": "max\n" };
  assert.equal(machine(t, open).availableMB(), 9000);
});

test("pressure is what the kernel says; one that says nothing has none", (t) => {
  assert.equal(machine(t, { "proc/pressure/memory": psi("7.31") }).pressed(), true);
  assert.equal(machine(t, { "proc/pressure/memory": psi("0.22") }).pressed(), false);
  assert.equal(machine(t, {}).pressed(), false);
  assert.equal(createHostGauge().availableMB() > 0, true);
});

test("pressure of jails that are at their own limits is none of a machine that has plenty", (t) => {
  const files = { "proc/pressure/memory": psi("60.00") };
  assert.equal(machine(t, { ...files, "proc/meminfo": meminfo(20_000, 12_000) }).pressed(), false);
  assert.equal(machine(t, { ...files, "proc/meminfo": meminfo(20_000, 3000) }).pressed(), true);
});
