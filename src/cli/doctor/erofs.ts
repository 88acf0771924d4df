/** EROFS, by making a small image and mounting it. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { messageOf } from "../../base/errors.ts";
import type { Finding } from "./check.ts";
import { firstLine } from "./program.ts";

const run = promisify(execFile);

export async function checkErofs(): Promise<Finding> {
  const name = "EROFS";
  if ((await firstLine("mkfs.erofs", ["--help"])) === undefined) {
    return { name, status: "missing", detail: "mkfs.erofs is not installed", todo: "apt-get install erofs-utils" };
  }
  if (process.getuid?.() !== 0) return { name, status: "info", detail: "mkfs.erofs is there; mounting needs root" };
  const folder = await mkdtemp(join(tmpdir(), "kiln-doctor-"));
  try {
    await tryMount(folder);
    return { name, status: "ok", detail: "made an image and mounted it" };
  } catch (thrown) {
    const todo = "Load the module (modprobe erofs loop) or use a kernel that has EROFS and loop devices.";
    return { name, status: "missing", detail: messageOf(thrown).trim(), todo };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tryMount(folder: string): Promise<void> {
  const [content, image, at] = [join(folder, "content"), join(folder, "image"), join(folder, "at")];
  await mkdir(content);
  await mkdir(at);
  await writeFile(join(content, "file"), "here");
  await run("mkfs.erofs", [image, content], { timeout: 20_000 });
  await run("mount", ["-t", "erofs", "-o", "loop,ro", image, at], { timeout: 20_000 });
  try {
    if ((await readFile(join(at, "file"), "utf8")) !== "here") throw new Error("the mounted image reads wrong");
  } finally {
    await run("umount", [at], { timeout: 20_000 });
  }
}
