import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemCode } from "../../src/base/errors.ts";
import { createFunctionLogs, type LogLoss } from "../../src/observability/logs/index.ts";

const scope = { account: "000000000000", region: "us-east-1" };
const query = { group: "g", limit: 10_000 };

test(
  "a full disk: events are counted as lost, what is there stays readable, writing goes on when there is room",
  { skip: process.getuid?.() === 0 ? false : "mounting a small file system needs root" },
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), "kiln-logs-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "kiln-logs-test", dir]);
    const ballast = join(dir, "ballast");
    writeFileSync(ballast, Buffer.alloc(64 * 1024));

    const losses: LogLoss[] = [];
    const logs = createFunctionLogs({ dir, onLoss: (loss) => losses.push(loss) });
    t.after(async () => {
      await logs.close();
      execFileSync("umount", [dir]);
      rmSync(dir, { recursive: true });
    });
    const stream = logs.open({ ...scope, group: "g", stream: "s" });
    for (let number = 0; number < 100; number += 1) {
      stream.write(number, `${number} ${"x".repeat(1500)}`);
      await logs.flush();
    }
    assert.equal(systemCode(losses[0]?.cause), "ENOSPC");
    const kept = (await logs.events(scope, query))?.events ?? [];
    assert.ok(kept.length > 10);
    assert.equal(kept.length + logs.lost().events, 100);

    rmSync(ballast);
    stream.write(1000, "room again");
    assert.equal((await logs.events(scope, query))?.events.at(-1)?.message, "room again");
    assert.equal((await logs.events(scope, query))?.events.length, kept.length + 1);
  },
);
