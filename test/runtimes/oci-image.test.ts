/** Runtime images out of images of registries. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { openPlaces } from "../../src/artifacts/images/places.ts";
import { buildImage } from "../../src/artifacts/runtimes/build-image.ts";
import { bootstrapFiles } from "../../src/artifacts/runtimes/recipe.ts";
import { writeLayout } from "../support/container-image.ts";
import { SYMLINK, tarOf } from "../support/tar.ts";

test("a runtime's image out of one of a registry, with the family's bootstrap over it", async (context) => {
  const dir = mkdtempSync(join(tmpdir(), "kiln-oci-"));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  const { digest } = writeLayout(join(dir, "lambda/node"), {
    layers: [
      gzipSync(
        tarOf([
          { name: "var/lang/bin/node", content: "node", mode: 0o755 },
          { name: "var/runtime/bootstrap", content: "of the image" },
          { name: "var/runtime/more", content: "of the image" },
          { name: "opt", type: SYMLINK, target: "/etc" },
        ]),
      ),
    ],
  });
  const build = (oci: string, family: "nodejs" | "dotnet", id: string) =>
    buildImage({
      dir: join(dir, "out"),
      work: mkdtempSync(join(dir, "work-")),
      entry: { id, family, build: { kind: "oci", version: "24", oci } },
      key: "key",
      arch: process.arch === "arm64" ? "arm64" : "x64",
      base: () => assert.fail("no base is wanted"),
      nodeSdk: () => assert.fail("no SDK is wanted"),
      mavenRepository: "http://127.0.0.1:9",
      openRepository: openPlaces({ places: [{ host: "registry.example", at: dir }] }),
      onStep: () => undefined,
    });
  const unpacked = (id: string): string => {
    const name = readdirSync(join(dir, "out")).find((each) => each.startsWith(`${id}-`)) ?? assert.fail(id);
    const to = join(dir, id);
    execFileSync("fsck.erofs", [`--extract=${to}`, join(dir, "out", name)], { stdio: "ignore" });
    return to;
  };

  await build(`registry.example/lambda/node@${digest}`, "nodejs", "nodejs24.x");
  const tree = unpacked("nodejs24.x");
  const [bootstrap] = bootstrapFiles("nodejs").filter(({ name }) => name === "bootstrap");
  assert.equal(readFileSync(join(tree, "var/runtime/bootstrap"), "utf8"), readFileSync(bootstrap?.path ?? "", "utf8"));
  assert.equal(readFileSync(join(tree, "var/runtime/more"), "utf8"), "of the image");
  assert.equal(readFileSync(join(tree, "var/lang/bin/node"), "utf8"), "node");
  assert.deepEqual([readdirSync(join(tree, "opt")), readdirSync(join(tree, "var/task"))], [[], []]);

  // A family that Kiln has no bootstrap for: the image's own.
  await build("registry.example/lambda/node:latest", "dotnet", "dotnet10");
  assert.equal(readFileSync(join(unpacked("dotnet10"), "var/runtime/bootstrap"), "utf8"), "of the image");

  await assert.rejects(build("registry.example/lambda/other:latest", "dotnet", "dotnet8"), {
    code: "OCI_IMAGE",
    message: /The image of dotnet8, registry\.example\/lambda\/other:latest, cannot be used/,
  });
});
