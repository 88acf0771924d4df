/**
 * The jail of a VMM, with a program in the VMM's place that does what a guest could do that owns it: it has no files but the
 * machine's, no network but the TAP device, no neighbours, and nothing to start.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { firecrackerDriver } from "../../src/sandbox/microvm/firecracker/driver.ts";
import { createMicrovmSandbox } from "../../src/sandbox/microvm/microvm-sandbox.ts";
import type { VmmDriver } from "../../src/sandbox/microvm/vmm/contract.ts";
import { newInstance, probeFolder, runDirOf } from "./support.ts";

const run = promisify(execFile);

/** A root file system with this Node.js, what it loads, and the probes. */
async function image(dir: string): Promise<string> {
  const root = join(dir, "root");
  for (const place of ["dev", "proc", "run/vmm", "vm"]) mkdirSync(join(root, place), { recursive: true });
  const { stdout } = await run("ldd", [process.execPath]);
  const libraries = stdout.split("\n").flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  for (const path of libraries) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
  copyFileSync(process.execPath, join(root, "node"));
  const probes = probeFolder();
  cpSync(probes, join(root, "probes"), { recursive: true });
  rmSync(probes, { recursive: true });
  const file = join(dir, "vmm.erofs");
  await run("mkfs.erofs", ["--quiet", "--all-root", file, root]);
  return file;
}

/** Firecracker's place, rights and devices, but for KVM, which not every host has. */
function impostor(rootImage: string): VmmDriver {
  return {
    ...firecrackerDriver({ version: "1.16.1", rootImage }),
    devices: ["/dev/net/tun"],
    overheadMB: () => 512,
    command: () => ({ argv: ["/node", "/probes/vmm.mjs"], env: {} }),
    start: (process) => process.ended.then((error) => Promise.reject(error)),
  };
}

interface Found {
  status: Record<string, string>;
  uidMap: string[];
  root: string[];
  files: string[];
  control: string[];
  devices: string[];
  pids: string[];
  interfaces: string[];
  writes: Record<string, string>;
  execute: string;
  fill: { bytes: number; end: string };
  sockets: string[];
  calls: Record<string, string>;
  tap: string;
  another: string;
}

async function found(context: TestContext): Promise<Found> {
  const dir = mkdtempSync(join(tmpdir(), "kiln-vmm-jail-"));
  context.after(() => rmSync(dir, { recursive: true }));
  const [kernel, initramfs] = ["kernel", "initramfs"].map((name) => join(dir, name)) as [string, string];
  for (const path of [kernel, initramfs]) writeFileSync(path, "x");
  writeFileSync(join(dir, "syscalls"), "{}");
  const sharing = { kernel, initramfs, server: "/nonexistent" };
  const rootImage = await image(dir);
  const instance = newInstance();
  const sandbox = await createMicrovmSandbox({
    ociRuntimes: ["crun", "runc"],
    driver: impostor(rootImage),
    guest: { kernel, initramfs, measure: "/nonexistent", syscalls: join(dir, "syscalls"), sharing },
    runDir: runDirOf(instance),
    instance,
    startWithinMs: 120_000,
  });
  context.after(() => sandbox.close());
  const message = await sandbox
    .create({
      id: "impostor",
      rootImage,
      argv: [],
      env: {},
      limits: { memoryMB: 128, vcpus: 1, pids: 64, tmpMB: 16 },
      onConnection: (socket) => socket.destroy(),
    })
    .then(
      () => "it started",
      (error: Error) => error.message,
    );
  assert.match(message, /ended with 0: .*\{/, message);
  return JSON.parse(message.slice(message.indexOf("{"))) as Found;
}

const skip = process.arch !== "x64" && "the numbers of the probe's system calls are x86-64's";

test("who owns a VMM has an unprivileged process without files, network or neighbours", { skip }, async (context) => {
  const seen = await found(context);
  for (const [name, value] of Object.entries(seen.status)) {
    if (name.startsWith("Cap")) assert.match(value, /^0+$/, name);
  }
  assert.equal(seen.status["NoNewPrivs"], "1");
  assert.equal(seen.status["Seccomp"], "2");
  assert.ok(Number(seen.uidMap[1]) > 100_000, seen.uidMap.join(" "));
  assert.deepEqual(
    seen.root.filter((name) => !["lib", "lib64", "node", "probes"].includes(name)),
    ["dev", "proc", "run", "vm"],
  );
  assert.deepEqual(seen.files, ["initramfs", "kernel", "root", "tmp"]);
  assert.deepEqual(seen.control, []);
  assert.deepEqual(seen.devices, ["tun"]);
  assert.deepEqual(seen.pids, ["1"]);
  assert.deepEqual(
    seen.interfaces.map((name) => name.trim()),
    ["lo", "tap0"],
  );

  const { scratch, ...others } = seen.writes;
  assert.equal(scratch, "done");
  for (const [what, outcome] of Object.entries(others)) {
    assert.ok(["EACCES", "EROFS"].includes(outcome), `${what}: ${outcome}`);
  }
  assert.equal(seen.execute, "EACCES");
  assert.equal(seen.fill.end, "ENOSPC");
  assert.ok(seen.fill.bytes <= 1024 * 1024, String(seen.fill.bytes));

  const [unix, ...elsewhere] = seen.sockets;
  assert.equal(unix, "done");
  for (const outcome of elsewhere) assert.ok(["ENOSYS", "EAFNOSUPPORT", "EPERM"].includes(outcome), outcome);
  for (const [what, outcome] of Object.entries(seen.calls)) {
    assert.ok(["EPERM", "ENOSYS", "ESRCH"].includes(outcome), `${what}: ${outcome}`);
  }
  assert.equal(seen.tap, "done");
  assert.equal(seen.another, "EPERM");
});
