/** Runs Firecracker's driver without a jail, for the conformance suite: the fake, or a real program with the tiny kernel. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { firecrackerDriver } from "../../../src/sandbox/microvm/firecracker/driver.ts";
import { API_SOCKET, type VmPlan } from "../../../src/sandbox/microvm/vmm/contract.ts";
import type { LaunchedVmm, VmmHarness } from "../../../src/sandbox/microvm/vmm/conformance.ts";
import { connected } from "./start.ts";
import { tinyKernel } from "./tiny-kernel.ts";

/** In a network namespace of its own, with the TAP device of the plan. */
const WITH_TAP = `ip tuntap add tap0 mode tap vnet_hdr && exec "$@"`;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

export function firecrackerHarness(context: TestContext, program: readonly string[]): VmmHarness {
  const driver = firecrackerDriver({ version: "1.16.1", rootImage: "/none" });
  const dir = mkdtempSync(join(tmpdir(), "kiln-vmm-"));
  const running = new Map<ChildProcess, Promise<unknown>>();
  context.after(async () => {
    for (const child of running.keys()) child.kill("SIGKILL");
    await Promise.all(running.values());
    rmSync(dir, { recursive: true });
  });
  const file = (name: string, content: Uint8Array): string => {
    writeFileSync(join(dir, name), content);
    return join(dir, name);
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
  let count = 0;

  function launch(of: VmPlan): LaunchedVmm {
    const name = `${++count}`;
    const [, ...args] = driver.command(of).argv;
    // The jail's standard error is a pipe, which can be opened anew; this one is a socket.
    const own = new Map([
      [API_SOCKET, join(dir, `${name}.sock`)],
      ["/proc/self/fd/2", join(dir, `${name}.log`)],
    ]);
    const inside = args.map((argument) => own.get(argument) ?? argument);
    const child = spawn("unshare", ["--net", "--", "/bin/sh", "-c", WITH_TAP, "sh", ...program, ...inside], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let over: Error | undefined;
    const said = { stdout: "", stderr: "" };
    let heard = Promise.withResolvers<void>();
    child.stderr.on("data", (chunk: Buffer) => (said.stderr += chunk.toString()));
    child.stdout.on("data", (chunk: Buffer) => {
      said.stdout += chunk.toString();
      heard.resolve();
      heard = Promise.withResolvers();
    });
    const ended = new Promise<Error>((resolve) => {
      child.once("error", resolve);
      child.once("close", (status, signal) => {
        over = new Error(`firecracker ended with ${signal ?? String(status)}: ${said.stderr}`);
        resolve(over);
      });
    });
    running.set(child, ended);
    const orEnd = <T>(work: Promise<T>): Promise<T> =>
      Promise.race([work, ended.then((error) => Promise.reject(error))]);
    return {
      process: {
        ended,
        connect: () => connected(join(dir, `${name}.sock`), () => over),
      },
      kill: () => void child.kill("SIGKILL"),
      progress: () => orEnd(heard.promise),
      done: () => said.stdout,
    };
  }

  return {
    driver,
    plan: () => plan,
    snapshot: () => ({ state: join(dir, "state"), memory: join(dir, "memory") }),
    launch,
    follows: (before, after) => after[0] === ALPHABET[(ALPHABET.indexOf(before.at(-1) ?? "Z") + 1) % ALPHABET.length],
  };
}
