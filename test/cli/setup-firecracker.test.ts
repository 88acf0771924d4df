/** `kiln setup microvm --firecracker`: what is taken, what is refused, and what is left when it is killed. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { firecrackerFiles, usableFirecracker } from "../../src/artifacts/microvm/firecracker/files.ts";
import { installFirecracker } from "../../src/artifacts/microvm/firecracker/install.ts";
import { elfProgram } from "../../src/sandbox/jail/tiny-program.ts";
import { kiln } from "./program.ts";

const skip = process.arch !== "x64" && "the programs of this test are machine code for x86-64";

/** A program that prints a line and ends: statically linked, as a release of Firecracker is. */
function printer(line: string): Uint8Array {
  const text = Buffer.from(`${line}\n`);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const code = Buffer.concat([
    Buffer.from("b801000000bf01000000488d3510000000ba", "hex"), // write(1, text,
    length,
    Buffer.from("0f05b83c00000031ff0f05", "hex"), // length); exit(0)
    text,
  ]);
  return elfProgram(62, [...code]);
}

function places(context: TestContext): { dir: string; runtimesDir: string } {
  const dir = mkdtempSync(join(tmpdir(), "kiln-setup-firecracker-"));
  context.after(() => rmSync(dir, { recursive: true }));
  return { dir, runtimesDir: join(dir, "images") };
}

function given(dir: string, content: string | Uint8Array, name = "firecracker"): string {
  const path = join(dir, name);
  writeFileSync(path, content, { mode: 0o755 });
  return path;
}

test("kiln setup microvm takes a release, records its checksum, and says so", { skip }, async (context) => {
  const { dir, runtimesDir } = places(context);
  const binary = printer("Firecracker v1.16.1");
  const program = given(dir, binary);
  const sha256 = createHash("sha256").update(binary).digest("hex");
  const ran = await kiln(["setup", "microvm", "--firecracker", program, "--sha256", sha256, "--runtimes", runtimesDir]);
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(ran.stdout, new RegExp(`Firecracker 1\\.16\\.1, SHA-256 ${sha256}`));
  const files = await usableFirecracker(runtimesDir);
  assert.deepEqual([files.version, files.sha256], ["1.16.1", sha256]);
});

const refused: readonly (readonly [string, (dir: string) => string, RegExp])[] = [
  ["a version with a known way out", (dir) => given(dir, printer("Firecracker v1.15.0")), /CVE-2026-5747/],
  ["an old version", (dir) => given(dir, printer("Firecracker v1.10.1")), /older than 1\.14\.4/],
  ["another program", (dir) => given(dir, printer("hello")), /no release of Firecracker/],
  ["a script", (dir) => given(dir, "#!/bin/sh\necho Firecracker v1.16.1\n"), /no program for Linux/],
  ["a program that needs libraries", () => process.execPath, /too large|needs libraries/],
  ["a directory", (dir) => dir, /no file/],
  ["nothing", (dir) => join(dir, "missing"), /ENOENT/],
  ["a file without end", (dir) => sparse(dir), /too large/],
];

function sparse(dir: string): string {
  const path = given(dir, "");
  truncateSync(path, 2 ** 40);
  return path;
}

for (const [what, make, reason] of refused) {
  test(`${what} is refused, and what was there stays`, { skip }, async (context) => {
    const { dir, runtimesDir } = places(context);
    const before = await installFirecracker({
      runtimesDir,
      program: given(dir, printer("Firecracker v1.14.4"), "good"),
    });
    await assert.rejects(installFirecracker({ runtimesDir, program: make(dir) }), reason);
    assert.deepEqual(await usableFirecracker(runtimesDir), before);
    assert.deepEqual(
      readdirSync(join(runtimesDir, "microvm")).filter((name) => name.includes("work")),
      [],
    );
  });
}

test("another checksum than the operator's is refused", { skip }, async (context) => {
  const { dir, runtimesDir } = places(context);
  const program = given(dir, printer("Firecracker v1.16.1"));
  await assert.rejects(installFirecracker({ runtimesDir, program, sha256: "0".repeat(64) }), /not 0000/);
  assert.equal(firecrackerFiles(runtimesDir), undefined);
});

test("a new one takes the place of the old one, and clears up after one that was killed", { skip }, async (context) => {
  const { dir, runtimesDir } = places(context);
  mkdirSync(join(runtimesDir, "microvm", "firecracker-work-killed"), { recursive: true });
  await installFirecracker({ runtimesDir, program: given(dir, printer("Firecracker v1.15.1")) });
  const files = await installFirecracker({ runtimesDir, program: given(dir, printer("Firecracker v1.16.1")) });
  assert.equal(files.version, "1.16.1");
  const left = readdirSync(join(runtimesDir, "microvm")).filter((name) => name !== ".lock");
  assert.equal(left.length, 2, left.join(" "));
});

test("an image that was changed is not used", { skip }, async (context) => {
  const { dir, runtimesDir } = places(context);
  const files = await installFirecracker({ runtimesDir, program: given(dir, printer("Firecracker v1.16.1")) });
  copyFileSync(join(dir, "firecracker"), files.image);
  await assert.rejects(usableFirecracker(runtimesDir), { code: "BAD_FIRECRACKER" });
  symlinkSync("/nowhere", join(dir, "link"));
  await assert.rejects(usableFirecracker(join(dir, "link")), { code: "NO_FIRECRACKER" });
});
