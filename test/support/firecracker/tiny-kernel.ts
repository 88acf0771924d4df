/**
 * A kernel of a few instructions, for hosts whose KVM runs those and no Linux: it writes the letters A to Z to the first serial
 * port, over and over. What it has written tells how far it is, also after it was saved and loaded.
 *
 * An ELF file for x86_64 with one segment, which a VMM enters in 64-bit mode (Linux boot protocol, "64-bit boot protocol").
 */
const LOAD_AT = 0x10_0000;
const HEADERS = 64 + 56;

/** @param turns Of an empty loop between two letters. */
export function tinyKernel(turns = 200_000): Buffer {
  const pause = Buffer.alloc(4);
  pause.writeUInt32LE(turns);
  const code = Buffer.concat([
    Buffer.from("66baf803", "hex"), // mov dx, 0x3f8: the first serial port
    Buffer.from("b041", "hex"), //     first: mov al, 'A'
    Buffer.from("eeb9", "hex"), //     next: out dx, al; mov ecx, turns
    pause,
    Buffer.from("ffc975fc", "hex"), // wait: dec ecx; jnz wait
    Buffer.from("fec03c5b", "hex"), // inc al; cmp al, '[', which comes after Z
    Buffer.from("75f0", "hex"), //     jne next
    Buffer.from("ebec", "hex"), //     jmp first
  ]);
  const elf = Buffer.alloc(HEADERS);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(elf);
  elf.writeUInt16LE(2, 16); // ET_EXEC
  elf.writeUInt16LE(62, 18); // EM_X86_64
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(BigInt(LOAD_AT + HEADERS), 24); // entry
  elf.writeBigUInt64LE(64n, 32); // program headers
  elf.writeUInt16LE(64, 52);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(1, 56);
  elf.writeUInt32LE(1, 64); // PT_LOAD
  elf.writeUInt32LE(5, 68); // readable, executable
  elf.writeBigUInt64LE(0n, 72); // offset
  elf.writeBigUInt64LE(BigInt(LOAD_AT), 80);
  elf.writeBigUInt64LE(BigInt(LOAD_AT), 88);
  const size = BigInt(HEADERS + code.length);
  elf.writeBigUInt64LE(size, 96);
  elf.writeBigUInt64LE(size, 104);
  elf.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([elf, code]);
}
