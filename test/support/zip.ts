/** A zip in memory from file names and their content. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";

/** Content alone is a regular file's that everyone may read. */
type File = string | Buffer | { content: string | Buffer; mode: number };

export async function zipOf(files: Readonly<Record<string, File>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, file] of Object.entries(files)) {
    const plain = typeof file === "string" || Buffer.isBuffer(file);
    const { content, mode } = plain ? { content: file, mode: 0o100644 } : file;
    zip.addBuffer(Buffer.from(content), name, { mode, mtime: new Date("2026-01-01T00:00:00Z") });
  }
  zip.end();
  return buffer(zip.outputStream);
}

/** All files of a folder, as programs. */
export function zipOfFolder(folder: string): Promise<Buffer> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return zipOf(
    Object.fromEntries(files.map((name) => [name, { content: readFileSync(join(folder, name)), mode: 0o100755 }])),
  );
}
