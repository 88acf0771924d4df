/**
 * A kernel of a few instructions, for hosts whose KVM runs those and no Linux: it writes the letters A to Z to the first serial
 * port, over and over. What it has written tells how far it is, also after it was saved and loaded.
 *
 * For x86_64; a VMM enters it in 64-bit mode (Linux boot protocol, "64-bit boot protocol").
 */
import { elfProgram } from "../../../src/sandbox/jail/tiny-program.ts";

const X86_64 = 62;

/** @param turns Of an empty loop between two letters. */
export function tinyKernel(turns = 200_000): Uint8Array {
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
  return elfProgram(X86_64, [...code]);
}
