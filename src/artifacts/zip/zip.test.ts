import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { forgeZip, LINK, zip64Extra, zip64Locator, type ForgedEntry } from "../../../test/artifacts/forge-zip.ts";
import { ServiceError } from "../../base/errors.ts";
import { wholeContent } from "./content.ts";
import { defaultZipLimits, type ZipLimits } from "./limits.ts";
import { readZip } from "./read-zip.ts";

const COULD_NOT = "Could not unzip uploaded file. Please check your file, then try to upload again.";

async function readAll(zip: Buffer, limits?: ZipLimits): Promise<void> {
  const { entries } = await readZip(zip, limits);
  for (const entry of entries) await wholeContent(entry.content);
}

async function refused(zip: Buffer, message: string, limits?: ZipLimits): Promise<void> {
  await assert.rejects(readAll(zip, limits), (error) => {
    assert.ok(error instanceof ServiceError, String(error));
    assert.deepEqual(
      { code: error.code, status: error.status, message: error.message, type: error.members["Type"] },
      { code: "InvalidParameterValueException", status: 400, message, type: "User" },
    );
    return true;
  });
}

const long = "x".repeat(255);
const MIB = 1024 * 1024;

const hostile: Record<string, ForgedEntry[]> = {
  "an absolute path": [{ name: "/etc/passwd" }],
  "a drive letter": [{ name: "C:evil" }],
  "a path that leads up": [{ name: "a/../../evil" }],
  "a path that leads up and comes back": [{ name: "a/../b" }],
  "a backslash": [{ name: "a\\b" }],
  "a NUL": [{ name: "a\0b" }],
  "no name": [{ name: "" }],
  "a file in the place of the root": [{ name: "." }],
  "a name over 255 bytes": [{ name: `${long}x` }],
  "a name over 255 bytes, though not over 255 characters": [{ name: "é".repeat(128) }],
  "a path over 4,096 bytes": [{ name: `${`${long}/`.repeat(16)}x` }],
  "a link to an absolute path": [{ name: "l", content: "/etc/passwd", unixMode: LINK }],
  "a link that leads out": [{ name: "d/l", content: "../../etc", unixMode: LINK }],
  "a link that leads out and comes back": [{ name: "l", content: "../root/x", unixMode: LINK }],
  "a link that leads out through another": [
    { name: "d/e/in", content: "..", unixMode: LINK },
    { name: "l", content: "d/e/in/../../x", unixMode: LINK },
  ],
  "a link that leads out through one that comes later": [
    { name: "a", content: "b/../x", unixMode: LINK },
    { name: "b", content: "c/../..", unixMode: LINK },
    { name: "c/", unixMode: 0o040755 },
  ],
  "links in a circle": [
    { name: "a", content: "b", unixMode: LINK },
    { name: "b", content: "a", unixMode: LINK },
  ],
  "a link without a target": [{ name: "l", unixMode: LINK }],
  "a link with a NUL in its target": [{ name: "l", content: "a\0b", unixMode: LINK }],
  "a link with a target over 4,096 bytes": [{ name: "l", content: "a/".repeat(3000), unixMode: LINK }],
  "a file below a link": [{ name: "l", content: "d", unixMode: LINK }, { name: "l/evil" }],
  "a link in the place of a directory that is in use": [{ name: "d/x" }, { name: "d", content: "e", unixMode: LINK }],
  "a character device": [{ name: "c", unixMode: 0o020666 }],
  "a block device": [{ name: "b", unixMode: 0o060666 }],
  "a pipe": [{ name: "p", unixMode: 0o010666 }],
  "a socket": [{ name: "s", unixMode: 0o140666 }],
  "a directory with content": [{ name: "d/", content: "x", unixMode: 0o040755 }],
  "a link that is named as a directory": [{ name: "d/", unixMode: LINK }],
  "an encrypted entry": [{ name: "x", content: "secret", flags: 1 }],
  "a strongly encrypted entry": [{ name: "x", content: "secret", flags: 0x41 }],
  "an entry in a hidden directory": [{ name: "x", content: "secret", flags: 0x2000 }],
  "an unknown compression method": [{ name: "x", content: "x", method: 12 }],
  "two files of one name": [{ name: "x" }, { name: "x" }],
  "two files of one name, written differently": [{ name: "d/x" }, { name: "./d//x" }],
  "two directories of one name": [{ name: "d/" }, { name: "d/" }],
  "a file and a directory of one name": [{ name: "x" }, { name: "x/" }],
  "a file and a directory that a path implies": [{ name: "x/y" }, { name: "x" }],
  "a file below a file": [{ name: "x" }, { name: "x/y" }],
  "more content than it says": [{ name: "x", content: "0123456789", size: 5 }],
  "more content than it says, in a large entry": [{ name: "x", content: Buffer.alloc(MIB), size: MIB - 1 }],
  "less content than it says": [{ name: "x", content: "0123456789", size: 11 }],
  "less content than it says, in a large entry": [{ name: "x", content: Buffer.alloc(MIB), size: MIB + 1 }],
  "a stored entry of two sizes": [{ name: "x", content: "0123456789", stored: true, size: 11 }],
  "compressed data that goes on after its end": [{ name: "x", content: "0123456789", compressedSize: 20 }],
  "compressed data that is cut off": [{ name: "x", content: "0123456789", compressedSize: 4 }],
  "a wrong checksum": [{ name: "x", content: "0123456789", crc: 1 }],
  "a wrong checksum of a stored entry": [{ name: "x", content: "0123456789", stored: true, crc: 1 }],
  "data beyond the end": [{ name: "x", content: "x", compressedSize: 1_000_000 }],
  "a header beyond the end": [{ name: "x", content: "x", headerOffset: 1_000_000 }],
  "a header where there is none": [{ name: "x", content: "x", headerOffset: 3 }],
  "entries that share their bytes": Array.from({ length: 9 }, (_, index) => ({
    name: String(index),
    content: Buffer.alloc(3000, "z"),
    stored: true,
    headerOffset: 0,
  })).map((entry, index) => (index === 0 ? entry : { ...entry, content: "", size: 3000, compressedSize: 3000 })),
  "a zip64 size that is missing": [{ name: "x", content: "x", size: 0xffff_ffff, extra: zip64Extra() }],
  "a zip64 header offset beyond everything": [
    { name: "x", content: "x", headerOffset: 0xffff_ffff, extra: zip64Extra(2n ** 63n) },
  ],
  "a zip64 compressed size beyond everything": [
    { name: "x", content: "x", compressedSize: 0xffff_ffff, extra: zip64Extra(2n ** 64n - 1n) },
  ],
  "an extra field that is cut off": [{ name: "x", content: "x", extra: Buffer.of(1, 0, 99, 0) }],
};

describe("readZip refuses", () => {
  for (const [title, entries] of Object.entries(hostile)) {
    it(title, () => refused(forgeZip(entries), COULD_NOT));
  }

  it("what is not a zip", async () => {
    for (const text of ["x", "hello".repeat(100), "PK\u0003\u0004", "PK\u0005\u0006"]) {
      await refused(Buffer.from(text), COULD_NOT);
    }
    await refused(forgeZip([{ name: "x" }]).subarray(0, -1), COULD_NOT);
    await refused(Buffer.concat([forgeZip([{ name: "x" }]), Buffer.from("trailing")]), COULD_NOT);
  });

  it("an empty one", async () => {
    await refused(forgeZip([]), "Uploaded file must be a non-empty zip");
    await refused(Buffer.alloc(0), "Uploaded file must be a non-empty zip");
  });

  it("a directory that lies about itself", async () => {
    await refused(forgeZip([{ name: "x" }], { entryCount: 2 }), COULD_NOT);
    await refused(forgeZip([{ name: "x" }], { directoryOffset: 1_000_000 }), COULD_NOT);
    await refused(forgeZip([{ name: "x" }], { before: zip64Locator(2n ** 63n) }), COULD_NOT);
    await refused(forgeZip([{ name: "x" }], { before: zip64Locator(0n) }), COULD_NOT);
  });

  it("250 MB and more, by what the zip says, without inflating it", async () => {
    const message = "Unzipped size must be smaller than 262144000 bytes";
    await refused(forgeZip([{ name: "x", content: "x", size: 262_144_000 }]), message);
    await refused(
      forgeZip([
        { name: "x", content: "x", size: 200_000_000 },
        { name: "y", content: "y", size: 62_144_000 },
      ]),
      message,
    );
    await refused(forgeZip([{ name: "x", content: "x", size: 0xffff_ffff, extra: zip64Extra(2n ** 40n) }]), message);
    const limits = { ...defaultZipLimits, unzippedBytes: 11 };
    await refused(
      forgeZip([{ name: "x", content: "0123456789a" }]),
      "Unzipped size must be smaller than 11 bytes",
      limits,
    );
    await readAll(forgeZip([{ name: "x", content: "0123456789" }]), limits);
  });

  it("too many entries, those included that paths imply", async () => {
    const limits = { ...defaultZipLimits, entries: 10 };
    await readAll(forgeZip([{ name: "1/2/3/4/5/6/7/8/9/10" }]), limits);
    await refused(forgeZip([{ name: "1/2/3/4/5/6/7/8/9/10/11" }]), COULD_NOT, limits);
    await refused(forgeZip(Array.from({ length: 11 }, (_, index) => ({ name: String(index) }))), COULD_NOT, limits);
  });

  it("links that would take long to follow", async () => {
    // Each goes twice through the one before: 2^n steps.
    const links = Array.from({ length: 30 }, (_, index) => ({
      name: `l${index}`,
      content: index === 0 ? "." : `l${index - 1}/l${index - 1}`,
      unixMode: LINK,
    }));
    await refused(forgeZip(links), COULD_NOT);
  });
});

describe("readZip takes", () => {
  it("files, directories and links, parents first, paths made normal", async () => {
    const zip = forgeZip([
      { name: "./a//b/c.txt", content: "c" },
      { name: "link", content: "a/b/../b/c.txt", unixMode: LINK },
      { name: "a/b/to-root", content: "../..", unixMode: LINK },
      { name: "dangling", content: "a/missing/../nothing", unixMode: LINK },
      { name: "./" },
      { name: "größe/🍎", content: "unicode", stored: true },
      { name: "a/", unixMode: 0o040700 },
    ]);
    const { entries, unzippedBytes } = await readZip(zip);
    assert.deepEqual(
      entries.map(({ path, kind, mode }) => [path, kind, mode.toString(8)]),
      [
        ["a", "directory", "755"],
        ["a/b", "directory", "755"],
        ["a/b/c.txt", "file", "644"],
        ["link", "link", "777"],
        ["a/b/to-root", "link", "777"],
        ["dangling", "link", "777"],
        ["größe", "directory", "755"],
        ["größe/🍎", "file", "644"],
      ],
    );
    assert.equal(unzippedBytes, 1 + 14 + 5 + 20 + 7);
    const apple = entries.find((entry) => entry.path === "größe/🍎");
    assert.ok(apple !== undefined);
    assert.equal((await wholeContent(apple.content)).toString(), "unicode");
    assert.equal(new Date(apple.mtime * 1000).toISOString(), "2020-01-02T03:04:06.000Z");
  });

  it("modes as they are, without the bits that give rights, with sensible ones where there are none", async () => {
    const cases: [ForgedEntry, string][] = [
      [{ name: "executable", unixMode: 0o100755 }, "755"],
      [{ name: "private", unixMode: 0o100600 }, "600"],
      [{ name: "setuid", unixMode: 0o104755 }, "755"],
      [{ name: "sticky", unixMode: 0o103777 }, "777"],
      [{ name: "no-format", unixMode: 0o000640 }, "640"],
      [{ name: "no-mode", unixMode: 0 }, "644"],
      [{ name: "darwin", host: 19, unixMode: 0o100751 }, "751"],
      [{ name: "dos", host: 0, unixMode: 0 }, "644"],
      [{ name: "dos-with-upper-bits", host: 0, unixMode: LINK }, "644"],
      [{ name: "dos-directory/", host: 0, unixMode: 0 }, "755"],
      [{ name: "closed-directory/", unixMode: 0o040700 }, "755"],
      [{ name: "sticky-directory/", unixMode: 0o041777 }, "777"],
      [{ name: "directory-without-slash", unixMode: 0o040750 }, "755"],
      [{ name: "directory-with-the-format-of-a-file/", unixMode: 0o100644 }, "755"],
    ];
    const { entries } = await readZip(forgeZip(cases.map(([entry]) => entry)));
    assert.deepEqual(
      entries.map(({ mode }) => mode.toString(8)),
      cases.map(([, mode]) => mode),
    );
    assert.deepEqual(
      entries.filter(({ kind }) => kind === "directory").map(({ path }) => path),
      [
        "dos-directory",
        "closed-directory",
        "sticky-directory",
        "directory-without-slash",
        "directory-with-the-format-of-a-file",
      ],
    );
  });

  it("zip64 values that are true, and a comment", async () => {
    const content = "0123456789";
    const zip = forgeZip(
      [{ name: "x", content, stored: true, size: 0xffff_ffff, extra: zip64Extra(BigInt(content.length)) }],
      { comment: "a comment" },
    );
    const [entry] = (await readZip(zip)).entries;
    assert.ok(entry !== undefined);
    assert.equal((await wholeContent(entry.content)).toString(), content);
  });
});
