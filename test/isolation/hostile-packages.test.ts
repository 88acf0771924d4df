/** Packages that are attacks: bombs, lies, and names and links that lead out. What is refused leaves nothing. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { CreateFunctionCommand, GetFunctionCommand, PublishLayerVersionCommand } from "@aws-sdk/client-lambda";
import { forgeZip, LINK, type ForgedEntry } from "../artifacts/forge-zip.ts";
import { call, role, updated } from "../support/functions.ts";
import { openArena } from "./hostile.ts";
import { hostile } from "./levels.ts";

const MIB = 1024 * 1024;
const good: ForgedEntry = { name: "index.mjs", content: "export const handler = async () => 1;" };
const link = (name: string, to: string): ForgedEntry => ({ name, content: to, unixMode: LINK, stored: true });

/** A few hundred kilobytes that unpack to more than AWS takes. */
const bomb = (): Buffer => {
  const content = Buffer.alloc(64 * MIB);
  return forgeZip([good, ...[1, 2, 3, 4].map((n) => ({ name: `zeros${n}`, content }))]);
};

const packages: Record<string, () => Buffer> = {
  "zip bomb": bomb,
  "zip bomb that lies about its size": () =>
    forgeZip([good, { name: "zeros", content: Buffer.alloc(64 * MIB), size: 10 }]),
  "zip of entries that share their data": () => {
    const content = Buffer.alloc(MIB, "x");
    const same = { size: MIB, compressedSize: MIB, crc: crc32(content), stored: true, headerOffset: 0 };
    return forgeZip([{ name: "data0", content, ...same }, ...[1, 2, 3].map((n) => ({ name: `data${n}`, ...same }))]);
  },
  "path that leads up": () => forgeZip([good, { name: "../../../etc/cron.d/evil", content: "x" }]),
  "path with a backslash": () => forgeZip([good, { name: "..\\evil", content: "x" }]),
  "file below a link": () => forgeZip([good, link("out", "lib"), { name: "out/evil", content: "x" }]),
  "link to an absolute path": () => forgeZip([good, link("shadow", "/etc/shadow")]),
  "link that leads out": () => forgeZip([good, link("up", "../../etc/shadow")]),
  "links in a circle": () => forgeZip([good, link("a", "b/x"), link("b", "a/x")]),
  "two entries of one name": () => forgeZip([good, good]),
  device: () => forgeZip([good, { name: "mem", unixMode: 0o020666 }]),
  pipe: () => forgeZip([good, { name: "pipe", unixMode: 0o010666 }]),
  "name that is too long": () => forgeZip([good, { name: "x".repeat(256), content: "x" }]),
  "path that is too deep": () => forgeZip([good, { name: "d/".repeat(3000) + "x", content: "x" }]),
  "name with a NUL": () => forgeZip([good, { name: "a\0b", content: "x" }]),
  "no zip at all": () => Buffer.from("#!/bin/sh\n"),
};

hostile("packages that are attacks", async (context, level) => {
  const arena = await openArena(context, level);
  const { client, kiln } = arena;
  const stored = (): string[] =>
    readdirSync(kiln.state, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.parentPath.includes("blob"))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  const before = stored();
  const create = (FunctionName: string, ZipFile: Buffer) =>
    client.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Role: role,
        Code: { ZipFile },
      }),
    );
  /** The message with which it is refused, at once or when its code is prepared. */
  async function refused(title: string, ZipFile: Buffer): Promise<string> {
    const name = title.replaceAll(/\W/g, "-");
    try {
      await create(name, ZipFile);
      await updated(client, name);
    } catch (error) {
      await assert.rejects(client.send(new GetFunctionCommand({ FunctionName: name })), {
        name: "ResourceNotFoundException",
      });
      assert.equal((error as Error).name, "InvalidParameterValueException");
      return (error as Error).message;
    }
    return "taken";
  }

  for (const [title, forge] of Object.entries(packages)) {
    await context.test(title, async () => {
      const ZipFile = forge();
      const message = await arena.beside(
        title,
        () => refused(title, ZipFile),
        (text) => text,
      );
      assert.match(message, /^(Could not unzip uploaded file|Unzipped size must be smaller)/, title);
      const layer = new PublishLayerVersionCommand({ LayerName: "evil", Content: { ZipFile } });
      await assert.rejects(client.send(layer), { name: "InvalidParameterValueException" });
    });
  }
  await context.test("nothing of them is stored", () => assert.deepEqual(stored(), before));
  await context.test("set-user-id bits of a package are gone", async () => {
    const source = `import { statSync } from "node:fs"; export const handler = async () => statSync("/var/task/tool").mode & 0o7777;`;
    await create(
      "bits",
      forgeZip([
        { ...good, content: source },
        { name: "tool", content: "x", unixMode: 0o106755 },
      ]),
    );
    await updated(client, "bits");
    const { payload } = await call(client, "bits");
    assert.equal(payload, 0o755);
    arena.denied("set-user-id bits in a package", "gone");
  });
  await arena.close();
});
