/** The images as they are built: what is in them, what is not, and that a killed build leaves nothing half-made. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { buildRuntimes, createRuntimes } from "../../src/artifacts/runtimes/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { imageFolder } from "../support/image-folder.ts";

const ids = ["nodejs20.x", "nodejs22.x", "nodejs24.x"];
/** Where set-up has put the images of the other languages. */
const setUp = loadConfig().runtimesDir;
const skip = process.getuid?.() === 0 ? false : "building images needs root";
const tool = fileURLToPath(new URL("../../tools/build-runtimes.ts", import.meta.url));
let dir = "";
let remove = (): void => undefined;

before(async () => {
  if (skip !== false) {
    return;
  }
  ({ dir, remove } = imageFolder());
  await buildRuntimes({ dir, ids });
});

after(() => remove());

/** Mounts an image, looks at it, unmounts it. */
function mounted<T>(id: string, look: (root: string) => T, from: string = dir): T {
  const runtimes = createRuntimes({ dir: from });
  const image = runtimes.image(id);
  assert.ok(image !== undefined);
  const root = mkdtempSync(join(tmpdir(), "kiln-mount-"));
  try {
    execFileSync("mount", ["-t", "erofs", "-o", "ro,loop", image.image, root]);
    try {
      return look(root);
    } finally {
      execFileSync("umount", [root]);
    }
  } finally {
    rmSync(root, { recursive: true });
    runtimes.close();
  }
}

function* paths(root: string, below = ""): Generator<string> {
  for (const entry of readdirSync(join(root, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    yield path;
    if (entry.isDirectory()) {
      yield* paths(root, path);
    }
  }
}

/** Nothing special, nothing of another owner, nothing of the package manager; and what every function finds. */
function harmless(root: string): void {
  for (const path of paths(root)) {
    const { mode, uid, gid } = lstatSync(join(root, path));
    assert.ok([0o100000, 0o040000, 0o120000].includes(mode & 0o170000), `${path} is special`);
    assert.equal(mode & 0o6000, 0, `${path} is set-uid or set-gid`);
    assert.deepEqual([uid, gid], [0, 0], path);
    assert.ok((mode & 0o170000) === 0o120000 || (mode & 0o002) === 0 || (mode & 0o1000) !== 0, `${path} is writable`);
  }
  for (const path of ["var/task", "opt", "tmp", "proc", "sys", "dev", "var/runtime"]) {
    assert.ok(existsSync(join(root, path)), path);
  }
  for (const path of ["dev", "proc", "sys", "tmp", "var/task", "opt"]) {
    assert.deepEqual(readdirSync(join(root, path)), [], path);
  }
  for (const path of ["var/lib/dpkg", "etc/apt", "usr/bin/dpkg", "usr/bin/apt", "usr/share/doc", "etc/hostname"]) {
    assert.ok(!existsSync(join(root, path)), path);
  }
}

for (const id of ids) {
  test(`${id}: holds what function code relies on, and nothing that it must not have`, { skip }, () => {
    mounted(id, (root) => {
      harmless(root);
      assert.ok(existsSync(join(root, "var/lang/bin/node")));
      assert.match(readFileSync(join(root, "etc/passwd"), "utf8"), /^sbx_user1051:x:993:990:/m);
      const versions = execFileSync("chroot", [root, "/var/lang/bin/node", "--version"], { encoding: "utf8" });
      assert.match(versions, new RegExp(`^v${id.slice(6, 8)}\\.`));
      const script =
        "curl --version; openssl version; echo a b | awk '{print $2}' | sed s/b/c/; sh -c 'date +%Z'; tini-static --version";
      const output = execFileSync("chroot", [root, "/bin/bash", "-euc", script], { encoding: "utf8" });
      assert.match(output, /\nc\nUTC\ntini version/);
      const tls =
        "require('node:tls').createSecureContext({ ca: require('node:fs').readFileSync('/etc/ssl/certs/ca-certificates.crt') })";
      execFileSync("chroot", [root, "/var/lang/bin/node", "-e", tls]);
    });
  });
}

/** With the archive of classes, or not at all. */
const archive = "-Xshare:on -XX:+UseSerialGC -XX:SharedArchiveFile=/var/lang/lib/server/runtime.jsa";
const java = ["/bin/sh", "-c", `. /var/runtime/class-path; exec java ${archive} -classpath "$class_path" -version`];

/** What a function in the language relies on, tried inside the image. */
const languages: Readonly<Record<string, readonly string[]>> = {
  "python3.11": ["/var/lang/bin/python3.11", "-c", "import boto3, ctypes, sqlite3, ssl, zlib"],
  "python3.13": ["/var/lang/bin/python3.13", "-c", "import boto3, ctypes, sqlite3, ssl, zlib"],
  "ruby3.3": ["/var/lang/bin/ruby", "-e", "require 'json'; require 'net/http'; require 'openssl'; require 'zlib'"],
  java17: java,
  java21: java,
  java25: java,
  "provided.al2023": ["/bin/bash", "-c", "[ ! -e /var/lang/bin ] && curl --version"],
};

for (const [id, command] of Object.entries(languages)) {
  const built = createRuntimes({ dir: setUp }).image(id) !== undefined;
  const why = skip === false && !built ? `the image of ${id} is not built: npm run setup -- --test` : skip;
  test(`${id}: holds its language, and nothing that it must not have`, { skip: why }, () => {
    mounted(
      id,
      (root) => {
        harmless(root);
        execFileSync("unshare", ["--mount", "--pid", "--fork", "--mount-proc", `--root=${root}`, ...command]);
      },
      setUp,
    );
  });
}

test("a second build does nothing", { skip }, async () => {
  assert.deepEqual(await buildRuntimes({ dir, ids }), { built: [], upToDate: ids });
});

test("the same inputs make the same image", { skip }, async () => {
  const manifest = join(dir, "nodejs24.x.json");
  const first = readFileSync(manifest, "utf8");
  rmSync(manifest);
  assert.deepEqual((await buildRuntimes({ dir, ids: ["nodejs24.x"] })).built, ["nodejs24.x"]);
  assert.equal(readFileSync(manifest, "utf8"), first);
});

test("a build that is killed anywhere is finished by the next", { skip, timeout: 120_000 }, async () => {
  for (const delay of [100, 250, 500, 800, 1200]) {
    rmSync(join(dir, "nodejs20.x.json"), { force: true });
    const child = spawn(process.execPath, [tool, "--dir", dir, "nodejs20.x"], { stdio: "ignore", detached: true });
    const ended = new Promise((resolve) => {
      child.on("close", resolve);
    });
    await new Promise((resolve) => {
      setTimeout(resolve, delay);
    });
    try {
      process.kill(-(child.pid ?? Number.NaN), "SIGKILL");
    } catch {
      // It had finished: then the image is there, which is checked below as well.
    }
    await ended;
    const runtimes = createRuntimes({ dir });
    // Either there is no image, or a whole one.
    if (runtimes.image("nodejs20.x") !== undefined) {
      mounted("nodejs20.x", (root) => execFileSync("chroot", [root, "/var/lang/bin/node", "-e", "0"]));
    }
    runtimes.close();
  }
  await buildRuntimes({ dir, ids });
  mounted("nodejs20.x", (root) => execFileSync("chroot", [root, "/var/lang/bin/node", "-e", "0"]));
  assert.deepEqual(
    readdirSync(dir).filter((name) => name.startsWith("work-")),
    [],
  );
});

test("two builds at once: one waits for the other", { skip }, async () => {
  rmSync(join(dir, "nodejs22.x.json"));
  const results = await Promise.all([
    buildRuntimes({ dir, ids: ["nodejs22.x"] }),
    buildRuntimes({ dir, ids: ["nodejs22.x"] }),
  ]);
  assert.deepEqual(
    results.flatMap(({ built }) => built),
    ["nodejs22.x"],
  );
});
