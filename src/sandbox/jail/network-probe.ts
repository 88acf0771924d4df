/**
 * Whether this host can give jails a network: shown by doing it, in network namespaces of the probe's own, so that
 * nothing of the host's network is touched. A process of its own, because it moves there as a whole.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";

export interface NetworkProbe {
  ok: boolean;
  /** Why not; empty if it is. */
  reason: string;
}

const TIMEOUT_MS = 30_000;
const MOST_OUTPUT = 16 * 1024;

/** Needs root. */
export function probeNetwork(): Promise<NetworkProbe> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "network-probe-process.ts")], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    if (stdout.length < MOST_OUTPUT) stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    if (stderr.length < MOST_OUTPUT) stderr += chunk.toString();
  });
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ ok: false, reason: error.message }));
    child.once("close", (status, signal) => {
      if (status === 0) resolve(JSON.parse(stdout) as NetworkProbe);
      else resolve({ ok: false, reason: stderr.trim() || `The test ended with ${signal ?? status}.` });
    });
  });
}
