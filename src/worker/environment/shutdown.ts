/**
 * The end of a guest, as AWS ends an environment: the runtime first, then the external extensions, then whatever is left
 * (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html#runtimes-lifecycle-shutdown).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ShutdownReason } from "../extensions-api/index.ts";
import type { Guest } from "./guest.ts";

/** ms for everything, where there are external extensions; for the runtime, where all are internal. */
const WITH_EXTERNAL_MS = 2000;
const WITH_INTERNAL_MS = 500;
/** ms of the former for the runtime. */
const RUNTIME_MS = 300;

/** ms for what subscribers have not been sent yet, before they are told of the end. */
const FLUSH_MS = 200;

/** Resolves when nothing of the guest is left. Without extensions nobody is asked, and it takes no time. */
export async function shutDown(guest: Guest, reason: ShutdownReason): Promise<void> {
  const { extensions } = guest;
  guest.silence();
  if (extensions.count > 0 && !guest.ended) {
    guest.freezer.busy();
    if (extensions.hasExternal) await endAll(guest, reason);
    else await endRuntime(guest, WITH_INTERNAL_MS);
  }
  await guest.end();
}

async function endAll(guest: Guest, reason: ShutdownReason): Promise<void> {
  const startedAt = Date.now();
  const deadlineMs = startedAt + WITH_EXTERNAL_MS;
  await endRuntime(guest, RUNTIME_MS);
  // What is known of the last call gets there before the word that it was the last.
  const flushed = guest.telemetry.flush();
  await atMost(FLUSH_MS, flushed);
  const told = new Set(guest.extensions.toldOfShutdown);
  const waitedFor: Promise<void>[] = [];
  for (const process of guest.extensionProcesses) {
    if (told.has(process.name)) waitedFor.push(process.exited);
    else process.kill();
  }
  guest.extensions.shutDown(reason, deadlineMs);
  await atMost(deadlineMs - Date.now(), Promise.all(waitedFor));
}

async function endRuntime(guest: Guest, withinMs: number): Promise<void> {
  if (!guest.runtimeRuns) return;
  guest.terminateRuntime();
  await atMost(withinMs, guest.runtimeExited);
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const late = sleep(Math.max(0, ms), undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([work, late]);
  timer.abort();
}
