import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { zipOf } from "../../../test/support/zip.ts";
import type { MavenJar } from "./builds.ts";
import { classNames, mavenJar, unpackMember } from "./maven.ts";

const content = await zipOf({
  "META-INF/MANIFEST.MF": "",
  "META-INF/versions/9/module-info.class": "",
  "org/example/Main.class": "x",
  "org/example/package-info.class": "x",
  "jni/native.so": "machine code",
});
const jar: MavenJar = {
  group: "org.example",
  artifact: "main",
  version: "1.0",
  sha256: createHash("sha256").update(content).digest("hex"),
};

/** A repository that counts what it is asked for. */
async function repository(t: TestContext, body: Buffer): Promise<{ url: string; asked: string[]; dir: string }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (request.url === "/maven/org/example/main/1.0/main-1.0.jar") response.end(body);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const dir = await mkdtemp(join(tmpdir(), "kiln-maven-"));
  await mkdir(join(dir, "work"));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(dir, { recursive: true });
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/maven`, asked, dir };
}

test("a library is downloaded once, and its files and classes are found", async (t) => {
  const { url, asked, dir } = await repository(t, content);
  const options = { dir, work: join(dir, "work"), repository: url };
  const path = await mavenJar(jar, options);
  assert.equal(await mavenJar(jar, options), path);
  assert.deepEqual(asked, ["/maven/org/example/main/1.0/main-1.0.jar"]);
  assert.deepEqual(await classNames(path), ["org/example/Main"]);
  await unpackMember(path, "jni/native.so", join(dir, "lib/native.so"));
  assert.equal(await readFile(join(dir, "lib/native.so"), "utf8"), "machine code");
  await assert.rejects(unpackMember(path, "jni/other.so", join(dir, "other.so")), { code: "IMAGE_BAD" });
});

test("a library that is not what was expected, or not there, is not used", async (t) => {
  const { url, dir } = await repository(t, Buffer.from("something else"));
  const options = { dir, work: join(dir, "work"), repository: url };
  await assert.rejects(mavenJar(jar, options), { code: "DOWNLOAD_BAD" });
  await assert.rejects(mavenJar({ ...jar, version: "2.0" }, options), {
    code: "DOWNLOAD_FAILED",
    message: /main-2\.0\.jar could not be downloaded: the answer is 404/,
  });
  assert.deepEqual(await readdir(dir), ["work"]);
});
