/** Looks for bytes in everything below a directory. */
import { readdirSync, readFileSync, lstatSync } from "node:fs";
import { join } from "node:path";

/** A secret as it may have been written: as it is, in hexadecimal, in Base64 at any offset. */
function formsOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  const shifted = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    // The first and the last characters depend on what stands around it.
    return text.slice(offset === 0 ? 0 : 4, -4);
  });
  return [
    bytes,
    Buffer.from(secret, "utf16le"),
    ...[bytes.toString("hex"), ...shifted].map((text) => Buffer.from(text)),
  ];
}

/**
 * `name in path` for each secret that is found, by its name. Files of other file systems, which are mounted below, are left
 * out: those on memory are gone with the power.
 */
export function findSecrets(dir: string, secrets: Readonly<Record<string, string>>): string[] {
  const forms = Object.entries(secrets).map(([name, secret]) => ({ name, forms: formsOf(secret) }));
  const found: string[] = [];
  const device = lstatSync(dir).dev;
  const walk = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const stats = lstatSync(path);
      if (stats.isDirectory()) {
        if (stats.dev === device) walk(path);
      } else if (stats.isFile()) {
        const bytes = readFileSync(path);
        for (const each of forms) {
          if (each.forms.some((form) => bytes.includes(form)))
            found.push(`${each.name} in ${path.slice(dir.length + 1)}`);
        }
      }
    }
  };
  walk(dir);
  return found;
}
