import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { isDirectoryIn } from "./image-paths.ts";

it("links are followed as inside of the image", () => {
  const root = mkdtempSync(join(tmpdir(), "kiln-paths-"));
  try {
    mkdirSync(join(root, "srv/app"), { recursive: true });
    writeFileSync(join(root, "file"), "");
    for (const [name, target] of [
      ["inside", "/srv/app"],
      ["up", "../../../../srv"],
      ["out", tmpdir()],
      ["circle", "circle"],
      ["chain", "inside/.."],
    ] as const) {
      symlinkSync(target, join(root, name));
    }
    const found = ["/", "/srv/app", "/srv/./app/", "/inside", "/up/app", "/chain/app", "/../srv"];
    const not = ["/nowhere", "/file", "/file/x", "/out", "/circle", "/srv/app/x", `${"/..".repeat(20)}${tmpdir()}`];
    assert.deepEqual(
      found.map((path) => isDirectoryIn(root, path)),
      found.map(() => true),
    );
    assert.deepEqual(
      not.map((path) => isDirectoryIn(root, path)),
      not.map(() => false),
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
