/**
 * A real Firecracker in a real jail, as far as the host's KVM goes: with a kernel of a few instructions, whose letters show
 * that it runs. Nobody answers from such a machine, so the start fails in the end; what it looked like meanwhile is what is
 * tested.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { usableFirecracker } from "../../src/artifacts/microvm/firecracker/files.ts";
import { installFirecracker } from "../../src/artifacts/microvm/firecracker/install.ts";
import { systemCode } from "../../src/base/errors.ts";
import { firecrackerDriver } from "../../src/sandbox/microvm/firecracker/driver.ts";
import { createMicrovmSandbox } from "../../src/sandbox/microvm/microvm-sandbox.ts";
import { tinyKernel } from "../support/vmm/tiny-kernel.ts";
import { noRealFirecracker } from "../support/firecracker/start.ts";
import { newInstance, runDirOf } from "./support.ts";

interface Seen {
  status: Record<string, string>;
  limits: string;
  devices: string[];
  root: string[];
  network: string;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}

/** The process of a VMM of that id, by its arguments. */
function pidOf(id: string): string | undefined {
  return readdirSync("/proc").find((pid) => {
    const command = /^\d+$/.test(pid) ? textOf(`/proc/${pid}/cmdline`) : undefined;
    return command?.startsWith(`/firecracker\0--id\0${id}\0`);
  });
}

function look(pid: string): Seen {
  const status = Object.fromEntries(
    (textOf(`/proc/${pid}/status`) ?? "").split("\n").map((line) => {
      const [name = "", value = ""] = line.split(":\t");
      return [name, value.trim()];
    }),
  );
  return {
    status,
    limits: textOf(`/proc/${pid}/limits`) ?? "",
    devices: readdirSync(`/proc/${pid}/root/dev`).sort(),
    root: readdirSync(`/proc/${pid}/root`).sort(),
    network: readlinkSync(`/proc/${pid}/ns/net`),
  };
}

test(
  "Firecracker runs a kernel in its jail, as nobody, with nothing",
  { skip: noRealFirecracker() },
  async (context) => {
    const dir = mkdtempSync(join(tmpdir(), "kiln-firecracker-jail-"));
    context.after(() => rmSync(dir, { recursive: true }));
    await installFirecracker({ runtimesDir: dir, program: process.env["KILN_FIRECRACKER"] ?? "" });
    const { image: rootImage, version } = await usableFirecracker(dir);
    const kernel = join(dir, "kernel");
    writeFileSync(kernel, tinyKernel(20_000));
    writeFileSync(join(dir, "initramfs"), Buffer.alloc(4096));
    writeFileSync(join(dir, "syscalls"), "{}");
    const sharing = { kernel, initramfs: kernel, server: "/nonexistent" };
    const instance = newInstance();
    const sandbox = await createMicrovmSandbox({
      ociRuntimes: ["crun", "runc"],
      driver: firecrackerDriver({ version, rootImage }),
      guest: {
        kernel,
        initramfs: join(dir, "initramfs"),
        measure: "/nonexistent",
        syscalls: join(dir, "syscalls"),
        sharing,
      },
      runDir: runDirOf(instance),
      instance,
      startWithinMs: 20_000,
    });
    context.after(() => sandbox.close());
    const over = new AbortController();
    const started = sandbox
      .create({
        id: "letters",
        // A drive like any other to a kernel that reads none.
        rootImage,
        argv: [],
        env: {},
        limits: { memoryMB: 128, vcpus: 1, pids: 64, tmpMB: 16 },
        onConnection: (socket) => socket.destroy(),
      })
      .finally(() => {
        over.abort();
      });
    const outcome = started.then(
      () => "started",
      (error: Error) => error.message,
    );
    let seen: Seen | undefined;
    while (!over.signal.aborted && seen === undefined) {
      const pid = pidOf("letters");
      // It has its filters, and so has been told of the whole machine.
      if (pid !== undefined && Number(look(pid).status["Threads"]) >= 3) seen = look(pid);
      await sleep(10);
    }
    assert.match(await outcome, /does not start: [A-Z]+/);
    assert.ok(seen !== undefined, "a VMM with its threads was seen");
    const { status, devices, root, network, limits } = seen;
    assert.ok(Number(status["Uid"]?.split("\t")[0]) > 100_000, status["Uid"]);
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) assert.match(status[set] ?? "", /^0+$/, set);
    assert.equal(status["NoNewPrivs"], "1");
    assert.equal(status["Seccomp"], "2");
    assert.deepEqual(root, ["dev", "firecracker", "proc", "run", "vm"]);
    assert.deepEqual(
      devices.filter(
        (name) => !["fd", "stdin", "stdout", "stderr", "ptmx", "pts", "shm", "core", "mqueue"].includes(name),
      ),
      ["full", "kvm", "net", "null", "random", "tty", "urandom", "zero"],
    );
    assert.notEqual(network, readlinkSync("/proc/self/ns/net"));
    assert.match(limits, /Max open files +1024/);
  },
);
