import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { createFunctionLogs } from "../../src/observability/logs/index.ts";

const scope = { account: "000000000000", region: "us-east-1" };

test("kill -9 while writing, again and again: what was flushed is there, whole and in order", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "kiln-logs-kill-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const flushed: number[] = [];
  for (let round = 0; round < 8; round += 1) flushed.push(await writeUntilKilled(dir, round, 3 + round * 2));

  const logs = createFunctionLogs({ dir });
  t.after(() => logs.close());
  const found = new Map<number, number[]>();
  let after: string | undefined;
  let lastId = "";
  do {
    const page = await logs.events(scope, { group: "g", limit: 1000, ...(after === undefined ? {} : { after }) });
    assert.ok(page);
    for (const { id, message, stream } of page.events) {
      assert.ok(id > lastId, "ids grow");
      lastId = id;
      const [, round = "", number = "", filler = ""] = /^(\d+):(\d+) (x*)$/.exec(message) ?? [];
      assert.equal(filler.length, Number(number) % 300, "messages are whole");
      assert.equal(stream, `${round}-${Number(number) % 2 === 0 ? "a" : "b"}`);
      found.set(Number(round), [...(found.get(Number(round)) ?? []), Number(number)]);
    }
    after = page.next;
  } while (after !== undefined);
  for (const [round, last] of flushed.entries()) {
    const numbers = found.get(round) ?? [];
    assert.deepEqual(numbers, [...numbers.keys()], "no gap, no duplicate");
    assert.ok(numbers.length > last, `round ${round}: flushed up to ${last}, found ${numbers.length}`);
  }
});

/** The last number that the writer said was flushed, when it was killed after `lines` of them. */
async function writeUntilKilled(dir: string, round: number, lines: number): Promise<number> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, "writer.ts"), dir, String(round)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(writer, "exit");
  let last = -1;
  let seen = 0;
  try {
    for await (const line of createInterface({ input: writer.stdout })) {
      last = Number(line);
      seen += 1;
      if (seen === lines) writer.kill("SIGKILL");
    }
  } finally {
    writer.kill("SIGKILL");
    await exit;
  }
  return last;
}
