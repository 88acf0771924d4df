/** Runs `bin/kiln` as a user does. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { TestContext } from "node:test";

export const root = join(import.meta.dirname, "../..");

export interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface Surroundings {
  cwd?: string;
  input?: string;
  env?: Record<string, string>;
}

function start(parameters: readonly string[], { cwd = root, env = {} }: Surroundings): ChildProcess {
  // Nothing of the AWS settings that this test may have been started with.
  const clean = Object.entries(process.env).filter(([name]) => !/^(AWS|KILN)_/.test(name));
  return spawn(join(root, "bin/kiln"), [...parameters], {
    cwd,
    env: { ...Object.fromEntries(clean), KILN_STATE: "/nonexistent/kiln", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

export async function kiln(parameters: readonly string[], surroundings: Surroundings = {}): Promise<Finished> {
  const child = start(parameters, surroundings);
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(surroundings.input ?? "");
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout, stderr };
}

/** For commands that do not end: it ends with the test. */
export function running(t: TestContext, parameters: readonly string[], surroundings: Surroundings = {}): ChildProcess {
  const child = start(parameters, surroundings);
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  });
  return child;
}
