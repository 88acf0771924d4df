/** What a program is, by the beginning of its file (ELF-64, System V ABI). */

const HEADER = 64;
const PROGRAM_HEADER = 56;
const MOST_PROGRAM_HEADERS = 64;
const PT_INTERP = 3;

/** How much of the file has to be read. */
export const ELF_HEAD_BYTES = HEADER + MOST_PROGRAM_HEADERS * PROGRAM_HEADER;

const machines: Readonly<Record<number, string>> = { 62: "x64", 183: "arm64" };

export interface ElfProgram {
  /** As `process.arch` says it; undefined for others. */
  arch: string | undefined;
  /** Without a dynamic loader: it needs no file but itself. */
  isStatic: boolean;
}

/** @param head The file's first `ELF_HEAD_BYTES`, or all of it. Undefined where it is no program of 64 bits. */
export function readElf(head: Buffer): ElfProgram | undefined {
  const isElf = head.length >= HEADER && head.subarray(0, 6).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]));
  if (!isElf) return undefined;
  const [at, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)];
  if (size !== PROGRAM_HEADER || count > MOST_PROGRAM_HEADERS || at + count * size > head.length) return undefined;
  const types = Array.from({ length: count }, (_, index) => head.readUInt32LE(at + index * size));
  return { arch: machines[head.readUInt16LE(18)], isStatic: !types.includes(PT_INTERP) };
}
