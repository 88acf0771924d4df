/**
 * The on-disk structures of EROFS, Linux's read-only file system, as far as an uncompressed image needs them:
 * https://docs.kernel.org/filesystems/erofs.html, `fs/erofs/erofs_fs.h` in the kernel. Little-endian throughout.
 */
import type { ImageEntry } from "./image-entry.ts";

export const BLOCK_BYTES = 4096;
export const INODE_BYTES = 64;
/** The superblock lies at 1,024 and has 128 bytes; the inodes follow it. */
export const SUPERBLOCK_OFFSET = 1024;
export const FIRST_INODE_OFFSET = 1152;

const MAGIC = 0xe0f5e1e2;
const BLOCK_SIZE_BITS = 12;
/** Compatible feature: inodes have a modification time. */
const FEATURE_MTIME = 0x2;
/** i_format: extended inode (64 bytes), data in whole consecutive blocks. */
const EXTENDED_FLAT_PLAIN = 0x1;
/** Inode numbers count slots of 32 bytes from the start of the image. */
const SLOT_BYTES = 32;
const DIRENT_BYTES = 12;

const formats: Record<ImageEntry["kind"], { mode: number; direntType: number }> = {
  file: { mode: 0o100000, direntType: 1 },
  directory: { mode: 0o040000, direntType: 2 },
  link: { mode: 0o120000, direntType: 7 },
};

/** The node number of the inode at a place in the table; the root is at place 0. */
export function nidOf(place: number): number {
  return (FIRST_INODE_OFFSET + place * INODE_BYTES) / SLOT_BYTES;
}

export interface Superblock {
  inodes: number;
  blocks: number;
}

/** UUID and build time are zero: the same content makes the same image. */
export function writeSuperblock(image: Buffer, { inodes, blocks }: Superblock): void {
  const at = SUPERBLOCK_OFFSET;
  image.writeUInt32LE(MAGIC, at);
  image.writeUInt32LE(FEATURE_MTIME, at + 8);
  image.writeUInt8(BLOCK_SIZE_BITS, at + 12);
  image.writeUInt16LE(nidOf(0), at + 14);
  image.writeBigUInt64LE(BigInt(inodes), at + 16);
  image.writeUInt32LE(blocks, at + 36);
}

export interface Inode {
  kind: ImageEntry["kind"];
  mode: number;
  mtime: number;
  size: number;
  firstBlock: number;
  links: number;
}

/** Owner and group are root. */
export function writeInode(table: Buffer, place: number, inode: Inode): void {
  const at = FIRST_INODE_OFFSET + place * INODE_BYTES;
  table.writeUInt16LE(EXTENDED_FLAT_PLAIN, at);
  table.writeUInt16LE(formats[inode.kind].mode | inode.mode, at + 4);
  table.writeBigUInt64LE(BigInt(inode.size), at + 8);
  table.writeUInt32LE(inode.firstBlock, at + 16);
  table.writeUInt32LE(place + 1, at + 20);
  table.writeBigUInt64LE(BigInt(inode.mtime), at + 32);
  table.writeUInt32LE(inode.links, at + 44);
}

export interface Dirent {
  name: Buffer;
  place: number;
  kind: ImageEntry["kind"];
}

/** Splits the entries of a directory, sorted by name, into those of each block. */
export function splitDirents(dirents: readonly Dirent[]): Dirent[][] {
  const blocks: Dirent[][] = [];
  let used = BLOCK_BYTES;
  for (const dirent of dirents) {
    const bytes = DIRENT_BYTES + dirent.name.length;
    if (used + bytes > BLOCK_BYTES) {
      blocks.push([]);
      used = 0;
    }
    blocks.at(-1)?.push(dirent);
    used += bytes;
  }
  return blocks;
}

/** Bytes of one directory block that are in use. */
export function direntsBytes(block: readonly Dirent[]): number {
  return block.reduce((sum, dirent) => sum + DIRENT_BYTES + dirent.name.length, 0);
}

/** One directory block: the records first, the names behind them. The offset of the first name tells how many there are. */
export function encodeDirents(block: readonly Dirent[]): Buffer {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  let nameAt = block.length * DIRENT_BYTES;
  for (const [index, { name, place, kind }] of block.entries()) {
    const at = index * DIRENT_BYTES;
    bytes.writeBigUInt64LE(BigInt(nidOf(place)), at);
    bytes.writeUInt16LE(nameAt, at + 8);
    bytes.writeUInt8(formats[kind].direntType, at + 10);
    nameAt += name.copy(bytes, nameAt);
  }
  return bytes;
}
