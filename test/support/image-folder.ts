/** A folder of runtime images of a test's own, which spares it the downloads that an earlier set-up has made. */
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Where set-up has put its images. */
export const sharedImages = "/var/cache/kiln/runtimes";

/** On the same file system, without images. Whoever asks for it removes it. */
export function imageFolder(): { dir: string; remove: () => void } {
  mkdirSync("/var/cache", { recursive: true });
  const dir = mkdtempSync("/var/cache/kiln-test-");
  for (const name of existsSync(sharedImages) ? readdirSync(sharedImages) : []) {
    if (/\.(?:tar|tgz|jar)$/.test(name)) linkSync(join(sharedImages, name), join(dir, name));
  }
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
