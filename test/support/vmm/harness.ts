/** Runs a driver's program without Kiln's jail, with the tiny kernel, for the conformance suite of drivers. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { TestContext } from "node:test";
import { sendDescriptor } from "../../../src/sandbox/host/send-descriptor.ts";
import type { VmmDriver, VmPlan } from "../../../src/sandbox/microvm/vmm/contract.ts";
import type { LaunchedVmm, VmmHarness } from "../../../src/sandbox/microvm/vmm/conformance.ts";
import { connected } from "../firecracker/start.ts";
import { tinyKernel } from "./tiny-kernel.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** In a network namespace of its own, with the TAP device of the plan; mounts of its own, too. */
const WITH_TAP = `ip tuntap add tap0 mode tap vnet_hdr && exec "$@"`;

export interface Program {
  driver: VmmDriver;
  /** Where the files of the directory are seen by the program; absent: where they are. */
  seenAt?: string;
  /** What is started, and where its API socket will be on the host. @param dir Of this one alone. */
  start: (plan: VmPlan, dir: string) => { argv: readonly string[]; socket: string };
}

/** @param make Is told the directory of the machine's files. */
export function vmmHarness(context: TestContext, make: (files: string) => Program): VmmHarness {
  const dir = mkdtempSync(join(tmpdir(), "kiln-vmm-"));
  const { driver, start, seenAt = dir } = make(dir);
  const running = new Map<ChildProcess, Promise<unknown>>();
  context.after(async () => {
    for (const child of running.keys()) child.kill("SIGKILL");
    await Promise.all(running.values());
    rmSync(dir, { recursive: true });
  });
  const file = (name: string, content: Uint8Array): string => {
    writeFileSync(join(dir, name), content);
    return join(seenAt, name);
  };
  const plan: VmPlan = {
    id: "conformance",
    machine: {
      vcpus: 1,
      memoryMB: 64,
      drives: [
        { id: "root", path: file("root", Buffer.alloc(4096)), readOnly: true },
        {
          id: "tmp",
          path: file("tmp", Buffer.alloc(65_536)),
          readOnly: false,
          rateLimit: { bandwidth: { size: 1_000_000, refillMs: 1000 }, operations: { size: 100, refillMs: 1000 } },
        },
      ],
      network: {
        tap: "tap0",
        mac: "02:6b:69:6c:6e:02",
        receive: { bandwidth: { size: 1_000_000, refillMs: 100, oneTimeBurst: 5_000_000 } },
        transmit: { operations: { size: 1000, refillMs: 100 } },
      },
    },
    from: {
      kind: "boot",
      kernel: file("kernel", tinyKernel()),
      initramfs: file("initramfs", Buffer.alloc(4096)),
      commandLine: "quiet",
    },
  };

  function launch(of: VmPlan): LaunchedVmm {
    const own = mkdtempSync(join(dir, "run-"));
    const { argv, socket } = start(of, own);
    const child = spawn("unshare", ["--net", "--mount", "--", "/bin/sh", "-c", WITH_TAP, "sh", ...argv], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let over: Error | undefined;
    const said = { stdout: "", stderr: "" };
    let heard = Promise.withResolvers<void>();
    child.stderr.on("data", (chunk: Buffer) => (said.stderr += chunk.toString()));
    child.stdout.on("data", (chunk: Buffer) => {
      // What a firmware says before the kernel is no letter of the alphabet's run.
      said.stdout += chunk.toString().replaceAll(/[^A-Z]/g, "");
      heard.resolve();
      heard = Promise.withResolvers();
    });
    const ended = new Promise<Error>((resolve) => {
      child.once("error", resolve);
      child.once("close", (status, signal) => {
        over = new Error(`${driver.name} ended with ${signal ?? String(status)}: ${said.stderr}`);
        resolve(over);
      });
    });
    running.set(child, ended);
    const orEnd = <T>(work: Promise<T>): Promise<T> =>
      Promise.race([work, ended.then((error) => Promise.reject(error))]);
    const { state = "" } = of.from.kind === "snapshot" ? of.from : (of.savesTo ?? {});
    function sendState(to: Socket, bytes: Uint8Array): void {
      const fd = openSync(join(dir, basename(state)), "r+");
      sendDescriptor(to, bytes, fd);
      closeSync(fd);
    }
    return {
      process: { ended, sendState, connect: () => connected(socket, () => over) },
      kill: () => void child.kill("SIGKILL"),
      progress: () => orEnd(heard.promise),
      done: () => said.stdout,
    };
  }

  return {
    driver,
    plan: () => plan,
    snapshot: () => ({ state: file("state", new Uint8Array()), memory: file("memory", new Uint8Array()) }),
    launch,
    follows: (before, after) => after[0] === ALPHABET[(ALPHABET.indexOf(before.at(-1) ?? "Z") + 1) % ALPHABET.length],
  };
}
