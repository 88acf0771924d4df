/** Servers that others wrote, each a process of its own for one test. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestContext } from "node:test";
import { freePort } from "./free-port.ts";

export interface ServerProcess {
  endpoint: string;
  /** Nobody answers any more. */
  stop(): Promise<void>;
  /** On the same port. What it had is gone. */
  start(): Promise<void>;
}

export interface ServerOptions {
  command: readonly string[];
  /** Parameters that tell it its port. */
  port: (port: number) => readonly string[];
  environment?: Readonly<Record<string, string>>;
}

/** Any answer means that it is there. */
export async function startServer(context: TestContext, options: ServerOptions): Promise<ServerProcess> {
  const port = await freePort();
  // Some write a file about themselves where they are started.
  const home = mkdtempSync(join(tmpdir(), "kiln-test-server-"));
  const endpoint = `http://127.0.0.1:${port}`;
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    const [program = "", ...parameters] = options.command;
    const child = spawn(program, [...parameters, ...options.port(port)], {
      stdio: "ignore",
      cwd: home,
      env: { ...process.env, ...options.environment },
    });
    server = child;
    for (let each = 0; ; each += 1) {
      try {
        await fetch(endpoint);
        return;
      } catch (error) {
        if (each === 600 || child.exitCode !== null) throw error;
        await sleep(100);
      }
    }
  }
  async function stop(): Promise<void> {
    const child = server;
    server = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGKILL");
    await ended;
  }
  context.after(async () => {
    await stop();
    rmSync(home, { recursive: true });
  });
  await start();
  return { endpoint, start, stop };
}
