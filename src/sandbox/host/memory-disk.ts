/**
 * Small ext4 file systems on disks that are unnamed files in memory. Making one costs a millisecond: mkfs runs once per
 * size, and its few blocks are copied into each new disk.
 */
import { execFile } from "node:child_process";
import { closeSync, ftruncateSync, openSync, readSync, rmdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { MS_NODEV, MS_NOSUID, memoryFile, mount, nextData } from "./libc.ts";
import { attachLoop } from "./loop.ts";

const runFile = promisify(execFile);

interface Template {
  bytes: number;
  blocks: { offset: number; data: Buffer }[];
}

const MIB = 1024 * 1024;
/** What ext4 needs for its inodes (256 bytes per 16 KiB) and its lists of them. */
const INODES = 0.017;
/** What it lets nobody have, for its own lists of what lies where: 2 %, at most 4,096 blocks (`ext4_set_resv_clusters`). */
const RESERVED = 0.021;
const MOST_RESERVED_MB = 16.5;
const LEAST_OVERHEAD_MB = 1;
/** No journal: the disk does not outlive a crash. No checks of what lies in memory. */
const MKFS_OPTIONS = [
  ["-q", "-F", "-m", "0", "-i", "16384", "-b", "4096"],
  ["-O", "^has_journal,^resize_inode,^metadata_csum"],
  ["-E", "lazy_itable_init=1,nodiscard,root_owner=0:0"],
].flat();

/** Of a whole disk, in MiB. @param usableMB What may be written to it. */
export function diskMB(usableMB: number): number {
  const reserved = Math.min(usableMB * RESERVED, MOST_RESERVED_MB);
  return Math.ceil(usableMB * (1 + INODES) + reserved) + LEAST_OVERHEAD_MB;
}

async function makeTemplate(usableMB: number): Promise<Template> {
  const bytes = diskMB(usableMB) * MIB;
  const fd = memoryFile(bytes);
  try {
    await runFile("mkfs.ext4", [...MKFS_OPTIONS, `/proc/${process.pid}/fd/${fd}`], { timeout: 30_000 });
    const blocks: Template["blocks"] = [];
    for (let part = nextData(fd, 0); part !== undefined; part = nextData(fd, part[1])) {
      const data = Buffer.alloc(part[1] - part[0]);
      readSync(fd, data, 0, data.length, part[0]);
      blocks.push({ offset: part[0], data });
    }
    return { bytes, blocks };
  } finally {
    closeSync(fd);
  }
}

function writeBlocks(template: Template, fd: number): void {
  for (const { offset, data } of template.blocks) writeSync(fd, data, 0, data.length, offset);
}

/** `discard`: memory of deleted files goes back to the host. */
function mountCopy(template: Template, dir: string): void {
  const fd = memoryFile(template.bytes);
  try {
    writeBlocks(template, fd);
    const loop = attachLoop(fd, "rw");
    try {
      mount(loop.path, dir, "ext4", MS_NOSUID | MS_NODEV, "discard,noinit_itable");
    } finally {
      loop.close();
    }
  } finally {
    closeSync(fd);
  }
  rmdirSync(join(dir, "lost+found"));
}

export interface MemoryDisks {
  /** Mounts a new, empty disk with this much room. Its memory is given back with its last mount. */
  mount(dir: string, usableMB: number): Promise<void>;
  /** Makes the file of such a disk, for somebody else to mount; `place` is told its size before. */
  write(path: string, usableMB: number, place: (bytes: number) => void): Promise<void>;
}

export function createMemoryDisks(): MemoryDisks {
  const templates = new Map<number, Promise<Template>>();

  function templateOf(usableMB: number): Promise<Template> {
    let template = templates.get(usableMB);
    if (template === undefined) {
      template = makeTemplate(usableMB);
      templates.set(usableMB, template);
      template.catch(() => templates.delete(usableMB));
    }
    return template;
  }

  return {
    async mount(dir, usableMB) {
      mountCopy(await templateOf(usableMB), dir);
    },
    async write(path, usableMB, place) {
      const template = await templateOf(usableMB);
      place(template.bytes);
      const fd = openSync(path, "wx", 0o600);
      try {
        ftruncateSync(fd, template.bytes);
        writeBlocks(template, fd);
      } finally {
        closeSync(fd);
      }
    },
  };
}
