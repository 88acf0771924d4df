import assert from "node:assert/strict";
import { test } from "node:test";
import { checkTmp, clearSwap } from "./tmp.ts";

const HEAD = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

function found(lines: string, mappings: Readonly<Record<string, string>> = {}): string[] {
  return clearSwap({ swaps: () => HEAD + lines, mapping: (device) => mappings[device] ?? "" });
}

test("swap in the clear is told apart from what is encrypted or memory", () => {
  assert.deepEqual(found(""), []);
  assert.deepEqual(found("/swapfile file 1024 0 -2\n/dev/sdx9 partition 1024 0 -3\n"), ["/swapfile", "/dev/sdx9"]);
  assert.deepEqual(found("/dev/zram0 partition 1024 0 100\n"), []);
  const mapped = "/dev/dm-77 partition 1024 0 -2\n/dev/dm-78 partition 1024 0 -3\n";
  assert.deepEqual(found(mapped, { "dm-77": "CRYPT-PLAIN-swap", "dm-78": "LVM-x" }), ["/dev/dm-78"]);
});

const skip = process.getuid?.() !== 0 && "mounts need root";
test("/tmp is made in both of Lambda's sizes, and its bounds are said", { skip }, async () => {
  const { name, detail } = await checkTmp();
  assert.equal(name, "/tmp");
  const [, ...figures] = /room for (\d+) MB and (\d+) files, and for (\d+) MB and (\d+) files/.exec(detail) ?? [];
  const [small = 0, files = 0, large = 0, many = 0] = figures.map(Number);
  assert.ok(small >= 512 && small < 600 && large >= 10_240 && large < 11_000, detail);
  assert.ok(files >= 32_000 && files < 40_000 && many >= 650_000 && many < 700_000, detail);
});
