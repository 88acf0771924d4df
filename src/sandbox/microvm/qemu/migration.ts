/**
 * Snapshots of QEMU's machines: its migration stream (docs/devel/migration.rst), written to a file and read from it. Both ends
 * are a descriptor that the program has from its start, so that it opens nothing. Memory is in the stream, without the pages
 * that are zero: each machine that is loaded has a copy of its own.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { KilnError } from "../../../base/errors.ts";
import type { Qmp } from "./qmp.ts";

const LOOK_MS = 5;
/** What the descriptor is called there. */
const NAME = "snapshot";
/** Bytes in a second: nobody waits for the machine, and the file is in memory. */
const UNLIMITED = 2 ** 40;

function textIn(answer: unknown, name: string): string {
  const value: unknown = typeof answer === "object" && answer !== null ? Reflect.get(answer, name) : undefined;
  return typeof value === "string" ? value : "";
}

/** @param send Sends a line with the descriptor. */
export async function takeState(qmp: Qmp, send: (line: Uint8Array) => void): Promise<void> {
  await qmp.execute("getfd", { fdname: NAME }, send);
}

/** Of a paused machine, which has taken its state's file. */
export async function save(qmp: Qmp): Promise<void> {
  if (textIn(await qmp.execute("query-status"), "status") !== "paused") {
    throw new KilnError("VMM_CANNOT_SAVE", "A machine that runs is not saved.");
  }
  await qmp.execute("migrate-set-parameters", { "max-bandwidth": UNLIMITED });
  await qmp.execute("migrate", { uri: `fd:${NAME}` });
  for (;;) {
    const answer = await qmp.execute("query-migrate");
    const status = textIn(answer, "status");
    if (status === "completed") return;
    if (status === "failed" || status === "cancelled") {
      throw new KilnError("VMM_FAILED", `QEMU did not save the machine: ${textIn(answer, "error-desc") || status}`);
    }
    await sleep(LOOK_MS);
  }
}

/** Resolves when the machine is as it was saved. A program that cannot load it ends. */
export async function load(qmp: Qmp): Promise<void> {
  await qmp.execute("migrate-incoming", { uri: `fd:${NAME}` });
  while (textIn(await qmp.execute("query-status"), "status") === "inmigrate") await sleep(LOOK_MS);
}
