import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import type { ImageEntry } from "./erofs/image-entry.ts";
import { mergedEntries, mergedId } from "./merge.ts";

/** A directory's content, or a file or link by the number of its tree. */
type Node = Map<string, Node> | { kind: "file" | "link"; tree: number };

const { node } = fc.letrec<{ node: "file" | "link" | Record<string, unknown> }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("file" as const, "link" as const),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("node"), { maxKeys: 3 }),
  ),
}));
const roots = fc.array(fc.dictionary(fc.constantFrom("a", "b", "c"), node, { maxKeys: 3 }), {
  minLength: 1,
  maxLength: 5,
});

type Shape = "file" | "link" | { [name: string]: Shape };

function entriesOf(shape: Shape, tree: number, path = ""): ImageEntry[] {
  const kind: ImageEntry["kind"] = typeof shape === "string" ? shape : "directory";
  const own = { path, kind, mode: 0o755, mtime: tree, size: 0, async *read() {} };
  const inner =
    typeof shape === "string"
      ? []
      : Object.entries(shape).flatMap(([name, child]) =>
          entriesOf(child, tree, path === "" ? name : `${path}/${name}`),
        );
  return path === "" ? inner : [own, ...inner];
}

/** As extracting one tree after the other into a directory does it. */
function extract(root: Map<string, Node>, shape: Shape, tree: number): void {
  for (const [name, child] of Object.entries(shape as Record<string, Shape>)) {
    if (typeof child === "string") {
      root.set(name, { kind: child, tree });
      continue;
    }
    const there = root.get(name);
    const directory = there instanceof Map ? there : new Map<string, Node>();
    root.set(name, directory);
    extract(directory, child, tree);
  }
}

function flat(root: Map<string, Node>, prefix = ""): string[] {
  return [...root].flatMap(([name, child]) =>
    child instanceof Map
      ? [`${prefix}${name}/`, ...flat(child, `${prefix}${name}/`)]
      : [`${prefix}${name} ${child.kind} ${child.tree}`],
  );
}

it("is what extracting one tree after the other leaves, with parents before what is in them", () =>
  fc.assert(
    fc.property(roots, (shapes) => {
      const wanted = new Map<string, Node>();
      for (const [tree, shape] of shapes.entries()) extract(wanted, shape as Shape, tree);
      const merged = mergedEntries(shapes.map((shape, tree) => entriesOf(shape as Shape, tree)));
      const directories = new Set([""]);
      for (const { path, kind } of merged) {
        assert.ok(directories.has(path.slice(0, Math.max(0, path.lastIndexOf("/")))), path);
        if (kind === "directory") directories.add(path);
      }
      const found = merged.map(({ path, kind, mtime }) =>
        kind === "directory" ? `${path}/` : `${path} ${kind} ${mtime}`,
      );
      assert.deepEqual(found.toSorted(), flat(wanted).toSorted());
    }),
    { numRuns: 500 },
  ));

it("has a name that depends on what it consists of, and on the order", () => {
  const [a, b] = ["a".repeat(64), "b".repeat(64)];
  assert.equal(mergedId([a]), a);
  assert.match(mergedId([a, b]), /^[0-9a-f]{64}$/);
  assert.notEqual(mergedId([a, b]), mergedId([b, a]));
  assert.throws(() => mergedId([]), RangeError);
});
