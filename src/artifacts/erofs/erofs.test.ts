import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, open, readFile, readdir, readlink, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import * as fc from "fast-check";
import type { ImageEntry } from "./image-entry.ts";
import { writeImage } from "./write-image.ts";

type Tree = Map<string, string | Tree>;

const name = fc.oneof(
  fc.constantFrom("!first", "-", "index.js", "node_modules", "...", "~", "é", "🍎"),
  fc.stringMatching(/^[a-zA-Z0-9._ +-]{1,60}$/).filter((text) => text !== "." && text !== ".."),
);
const content = fc.oneof(
  fc.constantFrom("", "x", "b".repeat(4095), "b".repeat(4096), "b".repeat(4097), "l".repeat(2_500_000)),
  fc.string(),
);
const { tree } = fc.letrec<{ tree: Tree; node: string | Tree }>((tie) => ({
  node: fc.oneof({ depthSize: "small", withCrossShrink: true }, content, tie("tree")),
  tree: fc.array(fc.tuple(name, tie("node")), { maxLength: 8 }).map((pairs) => new Map(pairs)),
}));

function entriesOf(from: Tree, prefix = ""): ImageEntry[] {
  return [...from].flatMap(([label, node]): ImageEntry[] => {
    const path = prefix + label;
    const common = { path, mtime: 1_500_000_000 };
    if (typeof node !== "string") {
      return [{ ...common, kind: "directory", mode: 0o755, size: 0, async *read() {} }, ...entriesOf(node, `${path}/`)];
    }
    const bytes = Buffer.from(node);
    return [{ ...common, kind: "file", mode: 0o640, size: bytes.length, read: () => pieces(bytes) }];
  });
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}

async function treeAt(directory: string): Promise<Tree> {
  const found: Tree = new Map();
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    found.set(entry.name, entry.isDirectory() ? await treeAt(path) : await readFile(path, "utf8"));
  }
  return found;
}

async function withImage(
  entries: ImageEntry[],
  look: (extracted: string, image: string) => Promise<void>,
): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "kiln-erofs-"));
  try {
    const image = join(work, "image");
    const file = await open(image, "wx");
    try {
      await writeImage(file, entries);
    } finally {
      await file.close();
    }
    // fsck.erofs is the other implementation: it checks the structures and reads all content.
    execFileSync("fsck.erofs", ["-d2", `--extract=${join(work, "out")}`, "--preserve", image], { stdio: "pipe" });
    await look(join(work, "out"), image);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

it("any tree comes back from its image", () =>
  fc.assert(
    fc.asyncProperty(tree, (wanted) =>
      withImage(entriesOf(wanted), async (extracted) => assert.deepEqual(await treeAt(extracted), wanted)),
    ),
    { numRuns: 40 },
  ));

it("directories of many blocks keep every name", async () => {
  const wanted: Tree = new Map(
    Array.from({ length: 3000 }, (_, index) => [`${"n".repeat(index % 240)}${index}`, String(index)]),
  );
  await withImage(entriesOf(wanted), async (extracted) => assert.deepEqual(await treeAt(extracted), wanted));
});

it("modes, times, links and owners are those of the entries", async () => {
  const target = Buffer.from("some/where");
  const common = { mtime: 1_600_000_000, size: 0, async *read() {} };
  const entries: ImageEntry[] = [
    { ...common, path: "d", kind: "directory", mode: 0o751 },
    { ...common, path: "d/x", kind: "file", mode: 0o644 },
    { ...common, path: "l", kind: "link", mode: 0o777, size: target.length, read: () => pieces(target) },
  ];
  await withImage(entries, async (extracted) => {
    const directory = await stat(join(extracted, "d"));
    const file = await stat(join(extracted, "d/x"));
    assert.deepEqual([directory.mode & 0o7777, file.mode & 0o7777], [0o751, 0o644]);
    assert.deepEqual([directory.mtimeMs, file.mtimeMs], [1_600_000_000_000, 1_600_000_000_000]);
    assert.deepEqual([file.uid, file.gid], [0, 0]);
    assert.equal(await readlink(join(extracted, "l")), "some/where");
  });
});

it("the same entries make the same image", async () => {
  const wanted: Tree = new Map<string, string | Tree>([
    ["a", "1"],
    ["b", new Map([["c", "2"]])],
  ]);
  const images: Buffer[] = [];
  for (let run = 0; run < 2; run += 1) {
    await withImage(entriesOf(wanted), async (_, image) => void images.push(await readFile(image)));
  }
  assert.ok(images[0]?.equals(images[1] ?? Buffer.alloc(0)));
});
