import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { aptSources } from "./apt.ts";

async function sources(t: TestContext, files: Record<string, string>): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), "kiln-apt-"));
  t.after(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, "sources.list.d"));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(directory, name), content);
  }
  return aptSources(directory, "bookworm");
}

test("one-line sources of the release, with their options", async (t) => {
  const list = `# deb http://old bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://mirror/debian bookworm main contrib # ours
deb-src http://mirror/debian bookworm main
deb http://mirror/debian trixie main
deb http://mirror/security bookworm-security main
deb http://vendor/apt bookworm stable`;
  assert.deepEqual(await sources(t, { "sources.list": list }), [
    "deb [arch=amd64 signed-by=/k.gpg] http://mirror/debian bookworm main contrib",
    "deb http://mirror/security bookworm-security main",
  ]);
});

test("deb822 sources of the release", async (t) => {
  const stanzas = `Types: deb deb-src
# a comment between fields
URIs: http://mirror/debian
 http://second/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://off/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb
URIs: http://vendor/node
Suites: nodistro
Components: main`;
  const key = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ";
  assert.deepEqual(await sources(t, { "sources.list.d/debian.sources": stanzas }), [
    `deb ${key}http://mirror/debian bookworm main`,
    `deb ${key}http://mirror/debian bookworm-updates main`,
    `deb ${key}http://second/debian bookworm main`,
    `deb ${key}http://second/debian bookworm-updates main`,
  ]);
});

test("a host of another Debian release: the same places", async (t) => {
  const list = `deb [signed-by=/k.gpg] http://mirror/debian trixie main
deb http://mirror/security trixie-security main
deb http://mirror/debian trixie-backports main`;
  assert.deepEqual(await sources(t, { "sources.list": list }), [
    "deb [signed-by=/k.gpg] http://mirror/debian bookworm main",
    "deb http://mirror/security bookworm-security main",
  ]);
});

test("a host that is no Debian has none", async (t) => {
  assert.deepEqual(await sources(t, { "sources.list": "deb http://archive/ubuntu noble main" }), []);
});
