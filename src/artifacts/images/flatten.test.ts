import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { sha256 } from "../../../test/support/container-image.ts";
import { DIRECTORY, HARD_LINK, SYMLINK, tarOf, type TarFile } from "../../../test/support/tar.ts";
import { ImageRefusal } from "../contract.ts";
import { imageEntries } from "./entries.ts";
import { flatten, type OpenLayer } from "./flatten.ts";
import { addJailRoot } from "./image-root.ts";
import { defaultImageLimits, type ImageLimits } from "./limits.ts";

/** Given out in small pieces, as they come over a network. */
function layerOf(archive: Buffer, stored = archive, piece = 700): OpenLayer {
  return {
    diffId: sha256(archive),
    async open() {
      return pieces(stored, piece);
    },
  };
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const layers = (...archives: readonly TarFile[][]): OpenLayer[] => archives.map((files) => layerOf(tarOf(files)));

/** What is in the tree: content of files, `→` with the target of links, modes of directories that are not 755. */
async function contents(opened: readonly OpenLayer[], limits = defaultImageLimits): Promise<Record<string, string>> {
  const { root } = await flatten(opened, limits);
  const content = imageEntries(root, { layers: opened, own: new Map() });
  const found: Record<string, string> = {};
  try {
    for (const entry of content.entries) {
      let text = "";
      for await (const part of entry.read()) text += Buffer.from(part).toString();
      if (entry.same !== undefined) text = `= ${entry.same}`;
      else if (entry.kind !== "directory") assert.equal(Buffer.byteLength(text), entry.size);
      if (entry.kind === "link") text = `→ ${text}`;
      found[entry.path + (entry.kind === "directory" ? "/" : "")] = text;
    }
  } finally {
    await content.close();
  }
  return found;
}

const file = (name: string, content = name, more: Partial<TarFile> = {}): TarFile => ({ name, content, ...more });
const directory = (name: string): TarFile => ({ name, type: DIRECTORY });
const link = (name: string, target: string): TarFile => ({ name, type: SYMLINK, target });
const hardLink = (name: string, target: string): TarFile => ({ name, type: HARD_LINK, target });

describe("layers on top of one another", () => {
  const table: readonly [title: string, layers: TarFile[][], expected: Record<string, string>][] = [
    ["names with ./ and / before them", [[directory("./"), file("./a"), file("/b")]], { a: "./a", b: "/b" }],
    ["directories that nobody names", [[file("a/b/c", "x")]], { "a/": "", "a/b/": "", "a/b/c": "x" }],
    ["the last of two in one layer", [[file("a", "1"), file("a", "2")]], { a: "2" }],
    ["a file over a file", [[file("a", "old")], [file("a", "new")]], { a: "new" }],
    ["a file over a directory", [[file("a/b")], [file("a", "new")]], { a: "new" }],
    ["a directory over a file", [[file("a")], [file("a/b", "x")]], { "a/": "", "a/b": "x" }],
    [
      "a directory over a directory",
      [[file("a/b", "1")], [directory("a"), file("a/c", "2")]],
      { "a/": "", "a/b": "1", "a/c": "2" },
    ],
    ["a whiteout of a file", [[file("a"), file("b", "2")], [file(".wh.a", "")]], { b: "2" }],
    ["a whiteout of a directory", [[file("a/b/c"), file("d", "")], [file("a/.wh.b", "")]], { "a/": "", d: "" }],
    ["a whiteout of nothing", [[file("a", "1")], [file("x/.wh.y", "")]], { a: "1", "x/": "" }],
    [
      "a whiteout hides what lies below alone",
      [[file("a", "old")], [file("a", "new"), file(".wh.a", "")]],
      { a: "new" },
    ],
    [
      "an opaque directory, before what is in it",
      [
        [file("a/b"), file("a/c/d")],
        [directory("a"), file("a/.wh..wh..opq", ""), file("a/e", "5")],
      ],
      { "a/": "", "a/e": "5" },
    ],
    [
      "an opaque directory, after what is in it",
      [
        [file("a/b"), file("a/c/d")],
        [file("a/c/e", "5"), file("a/.wh..wh..opq", "")],
      ],
      { "a/": "", "a/c/": "", "a/c/e": "5" },
    ],
    ["a hard link", [[file("a", "1"), hardLink("b", "a")]], { a: "1", b: "= a" }],
    [
      "a hard link keeps what another layer replaces",
      [[file("a", "1"), hardLink("b", "a")], [file("a", "2")]],
      { b: "1", a: "2" },
    ],
    ["a hard link into the layer below", [[file("a", "1")], [hardLink("b", "./a"), file(".wh.a", "")]], { b: "1" }],
    ["a hard link to a link", [[link("a", "x"), hardLink("b", "a")]], { a: "→ x", b: "→ x" }],
    [
      "a path through a link",
      [[directory("usr/lib"), link("lib", "usr/lib")], [file("lib/x", "1")]],
      {
        "usr/": "",
        "usr/lib/": "",
        lib: "→ usr/lib",
        "usr/lib/x": "1",
      },
    ],
    [
      "links that lead out are kept as they are",
      [[link("a", "../../../../etc/passwd"), link("b", "/etc/shadow")]],
      {
        a: "→ ../../../../etc/passwd",
        b: "→ /etc/shadow",
      },
    ],
    [
      "a path through a link that leads out stays inside",
      [[link("a", "../../../../x")], [file("a/y", "1")]],
      {
        a: "→ ../../../../x",
        "x/": "",
        "x/y": "1",
      },
    ],
    [
      "devices, pipes and sockets are left out",
      [[{ name: "null", type: "3" }, { name: "sda", type: "4" }, { name: "pipe", type: "6" }, file("a", "1")]],
      { a: "1" },
    ],
    [
      "long names and sizes of pax",
      [[file("short", "12345", { pax: { path: `${"d/".repeat(60)}${"n".repeat(200)}` } })]],
      {
        ...Object.fromEntries(Array.from({ length: 60 }, (_, index) => ["d/".repeat(index + 1), ""])),
        [`${"d/".repeat(60)}${"n".repeat(200)}`]: "12345",
      },
    ],
    [
      "other records of pax",
      [[file("a", "1", { pax: { "SCHILY.xattr.security.capability": "\x01\0", mtime: "1.5", uid: "0" } })]],
      { a: "1" },
    ],
    [
      "long names of GNU",
      [
        [
          { name: "././@LongLink", type: "L", content: `${"n".repeat(150)}\0` },
          file("cut", "1"),
          { name: "././@LongLink", type: "K", content: `${"t".repeat(150)}\0` },
          link("l", "cut"),
        ],
      ],
      { ["n".repeat(150)]: "1", l: `→ ${"t".repeat(150)}` },
    ],
  ];
  for (const [title, archives, expected] of table) {
    it(title, async () => assert.deepEqual(await contents(layers(...archives)), expected));
  }

  it("gzip, in several members, and zstd", async () => {
    const archive = tarOf([file("a", "x".repeat(100_000))]);
    const members = Buffer.concat([gzipSync(archive.subarray(0, 600)), gzipSync(archive.subarray(600))]);
    for (const stored of [archive, gzipSync(archive), members, zstdCompressSync(archive)]) {
      // oxlint-disable-next-line no-await-in-loop -- One after the other.
      assert.equal((await contents([layerOf(archive, stored)]))["a"]?.length, 100_000);
    }
  });

  it("modes without rights for whoever runs it, and the newest of a directory", async () => {
    const opened = layers(
      [{ ...directory("d"), mode: 0o1777 }, file("s", "", { mode: 0o6755 })],
      [{ ...directory("d"), mode: 0o700 }],
    );
    const { root } = await flatten(opened, defaultImageLimits);
    const modeOf = (name: string) => {
      const node = root.children.get(name)?.node;
      return node === undefined || node.kind === "link" ? undefined : node.mode;
    };
    assert.deepEqual([modeOf("d"), modeOf("s")], [0o700, 0o755]);
  });

  it("mount points are directories, whatever the image has there", async () => {
    const opened = layers([
      link("proc", "/etc"),
      link("dev", "usr"),
      file("tmp"),
      link("etc", "usr/etc"),
      link(".kiln", "/"),
      link("mnt", "/"),
    ]);
    const { root } = await flatten(opened, defaultImageLimits);
    addJailRoot(root, Buffer.alloc(0));
    for (const name of ["proc", "dev", "tmp", "etc", ".kiln", "mnt"]) {
      assert.equal(root.children.get(name)?.node.kind, "directory", name);
    }
  });
});

describe("hostile layers are refused", () => {
  const small: ImageLimits = { unpackedBytes: 100_000, entries: 50 };
  const bomb = tarOf([file("a", "\0".repeat(1_000_000))]);
  const good = tarOf([file("a", "content")]);
  const damaged = Buffer.from(good);
  damaged[3] = 0x41;
  const chain = Array.from({ length: 45 }, (_, index) => link(`l${index}`, `l${index + 1}`));
  const table: readonly [title: string, layers: OpenLayer[], reason: RegExp][] = [
    ["a path that leads up", layers([file("../a")]), /leads up/],
    ["a path that leads up in its middle", layers([file("a/../../b")]), /leads up/],
    ["a hard link that leads up", layers([hardLink("a", "../../etc/shadow")]), /leads up/],
    ["a hard link to nothing", layers([hardLink("a", "etc/shadow")]), /hard link to nothing/],
    ["a hard link to a directory", layers([directory("d"), hardLink("a", "d")]), /hard link to nothing/],
    ["a path through links in a circle", layers([link("a", "b"), link("b", "a")], [file("a/x")]), /circles/],
    ["a path through too many links", layers([...chain, file("l0/x")]), /circles/],
    ["a name that is too long", layers([file("a", "", { pax: { path: "n".repeat(256) } })]), /name that is too long/],
    ["a path that is too long", layers([file("a", "", { pax: { path: "n/".repeat(3000) } })]), /too long/],
    ["directories that are too deep", layers([file("a", "", { pax: { path: "n/".repeat(200) } })]), /too deep/],
    ["a name with a NUL", layers([file("a", "", { pax: { path: "a\0b" } })]), /NUL/],
    [
      "a name that is no UTF-8",
      [layerOf(tarOf([{ name: "L", type: "L", content: Buffer.from([0xff, 0xfe, 0]) }, file("a")]))],
      /UTF-8/,
    ],
    [
      "more files than there may be",
      layers(Array.from({ length: 51 }, (_, index) => file(`f${index}`))),
      /more than 50 files/,
    ],
    ["more bytes than there may be", [layerOf(bomb)], /more than 100000 bytes/],
    ["a gzip bomb", [layerOf(bomb, gzipSync(bomb))], /more than 100000 bytes/],
    ["a zstd bomb", [layerOf(bomb, zstdCompressSync(bomb))], /more than 100000 bytes/],
    [
      "bytes behind the archive's end",
      [layerOf(Buffer.concat([good, Buffer.alloc(200_000)]))],
      /more than 100000 bytes/,
    ],
    [
      "another layer than promised",
      [{ ...layerOf(good), diffId: "0".repeat(64) }],
      /not what the image's configuration says/,
    ],
    ["an archive that is cut", [layerOf(good.subarray(0, 515))], /ends in the middle/],
    ["a size that is not true", [layerOf(tarOf([file("a", "x", { size: 5000 })]))], /ends in the middle/],
    ["a size of pax that is no number", layers([file("a", "x", { pax: { size: "-1" } })]), /pax header/],
    ["a damaged header", [layerOf(damaged)], /no tar archive/],
    ["no archive at all", [layerOf(Buffer.from("x".repeat(2000)))], /no tar archive/],
    ["damaged gzip", [layerOf(good, gzipSync(good).subarray(0, 40))], /cannot be unpacked|ends in the middle/],
    ["sparse files", layers([file("a", "x", { pax: { "GNU.sparse.major": "1" } })]), /sparse/],
    ["entries of unknown types", layers([{ name: "a", type: "S" }]), /type "S"/],
    ["a directory with content", layers([{ name: "a", type: DIRECTORY, content: "x" }]), /with content/],
    [
      "headers without an end",
      [layerOf(tarOf(Array.from({ length: 20 }, () => ({ name: "x", type: "x", content: "" }))))],
      /too many headers/,
    ],
    [
      "a header that is too long",
      [layerOf(tarOf([{ name: "x", type: "x", size: 2 ** 31 }]))],
      /header that is too long/,
    ],
    [
      "a pax header that lies about its length",
      [layerOf(tarOf([{ name: "x", type: "x", content: "99 path=x\n" }]))],
      /pax header/,
    ],
    [
      "names for all that follows",
      [layerOf(tarOf([{ name: "g", type: "g", content: "10 path=x\n" }, file("a")]))],
      /global/,
    ],
    [
      "a link's target that is too long",
      layers([{ ...link("a", "x"), pax: { linkpath: "n".repeat(4096) } }]),
      /too long/,
    ],
    ["a link that leads nowhere", layers([link("a", "")]), /leads nowhere/],
  ];
  for (const [title, opened, reason] of table) {
    it(title, async () => {
      await assert.rejects(contents(opened, small), (error: unknown) => {
        assert.ok(error instanceof ImageRefusal, String(error));
        assert.equal(error.kind, "invalid");
        assert.match(error.message, reason);
        return true;
      });
    });
  }
});
