/** Files of the host that appear in a VMM's jail, wherever they lie: the jail's own root could not reach them by path. */
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KilnError } from "../../base/errors.ts";
import { bindReadOnly, unmountIfMounted } from "../host/mounts.ts";
import { MS_BIND, mount } from "../host/libc.ts";
import type { Holdings } from "../jail/holdings.ts";

export interface PlacedFile {
  inside: string;
  source: string;
  writable: boolean;
}

export interface FilePlace {
  /** Throws KilnError where the file is not there. */
  add(name: string, file: string, writable?: boolean): string;
  readonly files: readonly PlacedFile[];
}

/** Below `dir`, which is made. */
export function filePlace(dir: string, holdings: Holdings): FilePlace {
  const files: PlacedFile[] = [];
  mkdirSync(dir, { mode: 0o711 });
  return {
    files,
    add(name, file, writable = false) {
      if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
        throw new KilnError("IMAGE_NOT_MOUNTED", `There is no file ${file} for the microVM.`);
      }
      const source = join(dir, name);
      writeFileSync(source, "");
      holdings.add(() => void unmountIfMounted(source));
      if (writable) mount(file, source, null, MS_BIND);
      else bindReadOnly(file, source);
      const inside = `/vm/${name}`;
      files.push({ inside, source, writable });
      return inside;
    },
  };
}
