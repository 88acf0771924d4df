/** Chromium, as a person would open a page in it. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { run } from "./kiln.ts";

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Lets the page's own requests end before its DOM is shown.
  "--virtual-time-budget=20000",
];

/** The document at this address after its scripts have run, as HTML. */
export async function domOf(
  context: TestContext,
  address: string,
  environment: Record<string, string> = {},
): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), "kiln-browser-"));
  context.after(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  const { status, stdout, stderr } = await run(
    "/usr/bin/chromium",
    [...flags, `--user-data-dir=${profile}`, "--dump-dom", address],
    environment,
  );
  assert.equal(status, 0, stderr);
  return stdout;
}
