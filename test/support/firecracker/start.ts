/**
 * Firecracker's API at a socket, for tests outside of a jail: the fake, and the real program where `KILN_FIRECRACKER` names
 * one.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, watch } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as nextTurn } from "node:timers/promises";
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

/** The socket is there a moment before somebody listens on it, and nothing tells when. */
async function connected(path: string): Promise<Socket> {
  for (;;) {
    const socket = connect(path);
    const error = await new Promise<Error | undefined>((resolve) =>
      socket.once("connect", () => resolve(undefined)).once("error", resolve),
    );
    if (error === undefined) return socket;
    if (systemCode(error) !== "ECONNREFUSED") throw error;
    await nextTurn(1);
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

/** Resolves when a file of that name is in the directory. */
async function appears(dir: string, name: string): Promise<void> {
  const abort = new AbortController();
  await new Promise<void>((resolve) => {
    watch(dir, { signal: abort.signal }, () => existsSync(join(dir, name)) && resolve());
    if (existsSync(join(dir, name))) resolve();
  });
  abort.abort();
}

async function startReal(context: TestContext, program: string): Promise<TestFirecracker> {
  const dir = mkdtempSync(join(tmpdir(), "kiln-firecracker-"));
  const path = join(dir, "api.sock");
  const child = spawn(program, ["--id", "test", "--api-sock", path, "--level", "Error"], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()).once("error", () => resolve()));
  context.after(async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(dir, { recursive: true });
  });
  await Promise.race([
    appears(dir, "api.sock"),
    ended.then(() => Promise.reject(new Error(`${program} ended before it served its API`))),
  ]);
  return { dir, connect: () => connected(path) };
}

const program = process.env["KILN_FIRECRACKER"];

export const kinds: readonly Kind[] = [
  { name: "the fake", skip: false, start: startFake },
  {
    name: "Firecracker",
    skip: program === undefined && "KILN_FIRECRACKER names no Firecracker to try",
    start: (context) => startReal(context, program ?? ""),
  },
];
