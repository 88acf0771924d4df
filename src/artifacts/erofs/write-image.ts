/**
 * Writes an EROFS image, from front to back, in pieces of bounded size. Kiln writes images itself and not with mkfs.erofs,
 * because that wants the files on disk first: ten times slower for code of many small files, and a hostile tree on the
 * host's own file system.
 */
import type { FileHandle } from "node:fs/promises";
import { BLOCK_BYTES, encodeDirents, writeInode, writeSuperblock } from "./format.ts";
import type { ImageEntry } from "./image-entry.ts";
import { layOut, type Layout } from "./layout.ts";

const BUFFER_BYTES = 1024 * 1024;

/** Throws what the content of an entry throws; what was written is of no use then. */
export async function writeImage(file: FileHandle, entries: readonly ImageEntry[]): Promise<void> {
  const layout = layOut(entries);
  const output = blockOutput(file);
  await output.write(metadata(layout));
  for (const node of layout.nodes) for (const block of node.dirents) await output.write(encodeDirents(block));
  for (const { entry } of layout.nodes) {
    if (entry.kind === "directory") continue;
    for await (const piece of entry.read()) await output.write(piece);
    await output.fillBlock();
  }
  await output.end();
}

function metadata({ nodes, metaBlocks, blocks }: Layout): Buffer {
  const bytes = Buffer.alloc(metaBlocks * BLOCK_BYTES);
  writeSuperblock(bytes, { inodes: nodes.length, blocks });
  for (const { entry, place, size, firstBlock, links } of nodes) {
    writeInode(bytes, place, { kind: entry.kind, mode: entry.mode, mtime: entry.mtime, size, firstBlock, links });
  }
  return bytes;
}

interface BlockOutput {
  write(piece: Uint8Array): Promise<void>;
  /** Zeros up to the next block. */
  fillBlock(): Promise<void>;
  end(): Promise<void>;
}

/** Gathers small pieces: a file of code is often smaller than a system call is worth. */
function blockOutput(file: FileHandle): BlockOutput {
  const buffer = Buffer.alloc(BUFFER_BYTES);
  let used = 0;

  async function flush(): Promise<void> {
    await file.writeFile(buffer.subarray(0, used));
    used = 0;
  }

  async function write(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.byteLength;) {
      const taken = Math.min(piece.byteLength - at, BUFFER_BYTES - used);
      buffer.set(piece.subarray(at, at + taken), used);
      used += taken;
      at += taken;
      if (used === BUFFER_BYTES) await flush();
    }
  }

  return {
    write,
    async fillBlock() {
      // The buffer holds whole blocks, so this never crosses its end.
      const filled = Math.ceil(used / BLOCK_BYTES) * BLOCK_BYTES;
      buffer.fill(0, used, filled);
      used = filled;
      if (used === BUFFER_BYTES) await flush();
    },
    end: flush,
  };
}
