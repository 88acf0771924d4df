/**
 * The smallest program there is: an ELF file without libraries. The self-test of OCI runtimes runs it, so that it needs
 * no image and nothing of the host. It ends with status 0 only where the system call filter works: it calls unshare(0),
 * which does nothing and needs no right, and which the filter answers with EPERM (-1).
 */

/** exit(unshare(0) + 1), in machine code. */
const CODE: Readonly<Record<string, { machine: number; bytes: readonly number[] }>> = {
  // mov eax, 272; xor edi, edi; syscall; lea edi, [rax + 1]; mov eax, 60; syscall
  x64: {
    machine: 62,
    bytes: [0xb8, 0x10, 0x01, 0, 0, 0x31, 0xff, 0x0f, 0x05, 0x8d, 0x78, 0x01, 0xb8, 0x3c, 0, 0, 0, 0x0f, 0x05],
  },
  // mov x0, #0; mov x8, #97; svc #0; add x0, x0, #1; mov x8, #93; svc #0
  arm64: {
    machine: 183,
    bytes: [0xd2800000, 0xd2800c28, 0xd4000001, 0x91000400, 0xd2800ba8, 0xd4000001].flatMap((word) => [
      word & 0xff,
      (word >>> 8) & 0xff,
      (word >>> 16) & 0xff,
      word >>> 24,
    ]),
  },
};

const HEADER_SIZE = 64;
const SEGMENT_SIZE = 56;
const ADDRESS = 0x40_0000n;

/** elf(5): 64 bit, one segment that may be read and run, and starts with the code. */
export function elfProgram(machine: number, code: readonly number[]): Uint8Array {
  const start = HEADER_SIZE + SEGMENT_SIZE;
  const bytes = new Uint8Array(start + code.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true); // ET_EXEC
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, ADDRESS + BigInt(start), true); // entry
  view.setBigUint64(32, BigInt(HEADER_SIZE), true); // program headers
  view.setUint16(52, HEADER_SIZE, true);
  view.setUint16(54, SEGMENT_SIZE, true);
  view.setUint16(56, 1, true);
  view.setUint32(HEADER_SIZE, 1, true); // PT_LOAD
  view.setUint32(HEADER_SIZE + 4, 5, true); // read, execute
  view.setBigUint64(HEADER_SIZE + 16, ADDRESS, true);
  view.setBigUint64(HEADER_SIZE + 24, ADDRESS, true);
  view.setBigUint64(HEADER_SIZE + 32, BigInt(bytes.length), true);
  view.setBigUint64(HEADER_SIZE + 40, BigInt(bytes.length), true);
  view.setBigUint64(HEADER_SIZE + 48, 0x1000n, true);
  bytes.set(code, start);
  return bytes;
}

/** `arch` as in `process.arch`. */
export function tinyProgram(arch: string): Uint8Array {
  const code = CODE[arch];
  if (code === undefined) throw new TypeError(`No machine code for the architecture ${arch}`);
  return elfProgram(code.machine, code.bytes);
}
