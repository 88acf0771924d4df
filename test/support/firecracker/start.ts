/**
 * Firecracker's API at a socket, for tests outside of a jail: the fake, and the real program where `KILN_FIRECRACKER` names
 * one.
 */
import { spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCode } from "../../../src/base/errors.ts";
import { fakeFirecracker } from "./server.ts";

export interface TestFirecracker {
  /** Of this test alone, for its files. */
  dir: string;
  connect(): Promise<Socket>;
}

export interface Kind {
  name: string;
  /** Why it is not tried on this machine; false where it is. */
  skip: string | false;
  start(context: TestContext): Promise<TestFirecracker>;
}

const LOOK_MS = 2;

/**
 * When the program listens there: nothing tells of it. @param over Undefined while the program runs.
 */
export async function connected(path: string, over: () => Error | undefined = () => undefined): Promise<Socket> {
  for (;;) {
    const ended = over();
    if (ended !== undefined) throw ended;
    const socket = connect(path);
    const error = await new Promise<Error | undefined>((resolve) =>
      socket.once("connect", () => resolve(undefined)).once("error", resolve),
    );
    if (error === undefined) return socket;
    if (!["ECONNREFUSED", "ENOENT"].includes(systemCode(error) ?? "")) throw error;
    await sleep(LOOK_MS);
  }
}

function ownDirectory(context: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "kiln-firecracker-"));
  context.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

async function startFake(context: TestContext): Promise<TestFirecracker> {
  const dir = ownDirectory(context);
  const path = join(dir, "api.sock");
  const { server } = fakeFirecracker();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  context.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { dir, connect: () => connected(path) };
}

function startReal(context: TestContext, program: string): TestFirecracker {
  const dir = mkdtempSync(join(tmpdir(), "kiln-firecracker-"));
  const path = join(dir, "api.sock");
  const child = spawn(program, ["--id", "test", "--api-sock", path, "--level", "Error"], { stdio: "ignore" });
  let over: Error | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      over = error;
      resolve();
    });
    child.once("exit", (status, signal) => {
      over = new Error(`${program} ended with ${signal ?? String(status)}`);
      resolve();
    });
  });
  context.after(async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(dir, { recursive: true });
  });
  return { dir, connect: () => connected(path, () => over) };
}

const program = process.env["KILN_FIRECRACKER"];

/** Why no machine can be run on a real Firecracker here; false where one can. */
export function noRealFirecracker(): string | false {
  if (program === undefined) return "KILN_FIRECRACKER names no Firecracker to try";
  if (process.getuid?.() !== 0) return "a network namespace with a TAP device needs root";
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
    return false;
  } catch {
    return "there is no KVM that this user may use";
  }
}

export const kinds: readonly Kind[] = [
  { name: "the fake", skip: false, start: startFake },
  {
    name: "Firecracker",
    skip: program === undefined && "KILN_FIRECRACKER names no Firecracker to try",
    start: async (context) => startReal(context, program ?? ""),
  },
];
