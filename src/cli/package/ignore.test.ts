import assert from "node:assert/strict";
import { test } from "node:test";
import { ignoreRules } from "./ignore.ts";

function left(rules: string, paths: readonly string[]): string[] {
  const ignored = ignoreRules(rules);
  return paths.filter((path) => !ignored(path.replace(/\/$/, ""), path.endsWith("/")));
}

test("what never belongs into a function stays out", () => {
  const paths = [
    ".git/",
    "a/.git/",
    "x.log",
    "a/b.log",
    ".DS_Store",
    "a/.DS_Store",
    ".kilnignore",
    "index.mjs",
    ".gitx",
  ];
  assert.deepEqual(left("", paths), ["index.mjs", ".gitx"]);
});

for (const [rules, paths, expected] of [
  ["test/", ["test/", "test", "a/test/"], ["test"]],
  ["/test", ["test", "a/test"], ["a/test"]],
  ["*.ts", ["a.ts", "b/c.ts", "a.tsx"], ["a.tsx"]],
  ["docs/*.md", ["docs/a.md", "docs/b/c.md", "x/docs/a.md"], ["docs/b/c.md", "x/docs/a.md"]],
  ["**/cache", ["cache", "a/cache", "a/b/cache", "cached"], ["cached"]],
  ["docs/**", ["docs/a", "docs/b/c", "docs"], ["docs"]],
  ["a/**/z", ["a/z", "a/b/z", "a/b/c/z", "z"], ["z"]],
  ["file?.js", ["file1.js", "file.js", "file12.js"], ["file.js", "file12.js"]],
  ["*.js\n!keep.js", ["a.js", "keep.js", "b/keep.js"], ["keep.js", "b/keep.js"]],
  ["!*.log", ["a.log"], ["a.log"]],
  ["# comment\n\n  \n", ["# comment"], ["# comment"]],
  ["a.b+(c)[d]", ["a.b+(c)[d]", "axb"], ["axb"]],
] as const) {
  test(`.kilnignore: ${rules.replaceAll("\n", " ⏎ ")}`, () => {
    assert.deepEqual(left(rules, paths), expected);
  });
}
