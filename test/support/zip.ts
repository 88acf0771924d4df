/** A zip in memory from file names and their content. */
import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";

export async function zipOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) {
    zip.addBuffer(Buffer.from(content), name, { mode: 0o100644, mtime: new Date("2026-01-01T00:00:00Z") });
  }
  zip.end();
  return buffer(zip.outputStream);
}
