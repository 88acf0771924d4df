/**
 * A kernel of a few instructions, which every VMM starts at once, and also a KVM that runs no Linux: it writes the letters A to Z
 * to the first serial port, over and over. What it has written tells how far it is, also after it was saved and loaded.
 *
 * An ELF file for x86_64 with a PVH entry (the note XEN_ELFNOTE_PHYS32_ENTRY; xen/include/public/elfnote.h), at which it is
 * entered in 32-bit mode. The instructions mean the same in 64-bit mode, where a VMM prefers that.
 */
const HEADER = 64;
const SEGMENT = 56;
const NOTE = 24;
const START = HEADER + 2 * SEGMENT + NOTE;
const ADDRESS = 0x40_0000;

/** @param turns Of an empty loop between two letters. */
function program(turns: number): Buffer {
  const pause = Buffer.alloc(4);
  pause.writeUInt32LE(turns);
  return Buffer.concat([
    Buffer.from("66baf803", "hex"), // mov dx, 0x3f8: the first serial port
    Buffer.from("b041", "hex"), //     first: mov al, 'A'
    Buffer.from("eeb9", "hex"), //     next: out dx, al; mov ecx, turns
    pause,
    Buffer.from("ffc975fc", "hex"), // wait: dec ecx; jnz wait
    Buffer.from("fec03c5b", "hex"), // inc al; cmp al, '[', which comes after Z
    Buffer.from("75f0", "hex"), //     jne next
    Buffer.from("ebec", "hex"), //     jmp first
  ]);
}

function segment(of: { type: number; flags: number; offset: number; size: number; align: number }): Buffer {
  const header = Buffer.alloc(SEGMENT);
  header.writeUInt32LE(of.type, 0);
  header.writeUInt32LE(of.flags, 4);
  header.writeBigUInt64LE(BigInt(of.offset), 8);
  for (const at of [16, 24]) header.writeBigUInt64LE(BigInt(ADDRESS + of.offset), at);
  for (const at of [32, 40]) header.writeBigUInt64LE(BigInt(of.size), at);
  header.writeBigUInt64LE(BigInt(of.align), 48);
  return header;
}

export function tinyKernel(turns = 200_000): Uint8Array {
  const code = program(turns);
  const entry = BigInt(ADDRESS + START);
  const elf = Buffer.alloc(HEADER);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(elf);
  elf.writeUInt16LE(2, 16); // ET_EXEC
  elf.writeUInt16LE(62, 18); // EM_X86_64
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(entry, 24);
  elf.writeBigUInt64LE(BigInt(HEADER), 32);
  elf.writeUInt16LE(HEADER, 52);
  elf.writeUInt16LE(SEGMENT, 54);
  elf.writeUInt16LE(2, 56);
  const note = Buffer.alloc(NOTE);
  note.writeUInt32LE(4, 0);
  note.writeUInt32LE(8, 4);
  note.writeUInt32LE(18, 8); // XEN_ELFNOTE_PHYS32_ENTRY
  note.write("Xen\0", 12, "latin1");
  note.writeBigUInt64LE(entry, 16);
  return Buffer.concat([
    elf,
    segment({ type: 1, flags: 5, offset: 0, size: START + code.length, align: 0x1000 }), // PT_LOAD
    segment({ type: 4, flags: 4, offset: START - NOTE, size: NOTE, align: 4 }), // PT_NOTE
    note,
    code,
  ]);
}
