/** Unpacks LZ4's legacy frames, as `lz4 -l` writes them and Debian's kernels are packed (lz4_Frame_format.md, "Legacy frame"). */
import { KilnError } from "../../base/errors.ts";

const LEGACY_MAGIC = 0x184c2102;
/** Of the unpacked data of each block. */
const BLOCK_BYTES = 8 * 1024 * 1024;
const MOST_BYTES = 256 * 1024 * 1024;

function damaged(): KilnError {
  return new KilnError("KERNEL_DAMAGED", "The kernel's LZ4 data is damaged.", { hint: "Run the set-up again." });
}

/** One block: sequences of literals and copies of what came before (lz4_Block_format.md). */
function unpackBlock(source: Uint8Array, target: Uint8Array): number {
  let from = 0;
  let to = 0;

  const byte = (): number => {
    const value = source[from++];
    if (value === undefined) throw damaged();
    return value;
  };
  const length = (nibble: number): number => {
    let total = nibble;
    if (nibble === 15) {
      for (let more = 255; more === 255;) {
        more = byte();
        total += more;
      }
    }
    return total;
  };

  while (from < source.length) {
    const token = byte();
    const literals = length(token >> 4);
    if (from + literals > source.length || to + literals > target.length) throw damaged();
    target.set(source.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    if (from === source.length) break;
    const distance = byte() | (byte() << 8);
    const count = length(token & 15) + 4;
    if (distance === 0 || distance > to || to + count > target.length) throw damaged();
    // Byte by byte where it copies what it has just written.
    if (distance >= count) target.copyWithin(to, to - distance, to - distance + count);
    else for (let index = 0; index < count; index++) target[to + index] = target[to + index - distance] ?? 0;
    to += count;
  }
  return to;
}

export function isLegacyLz4(data: Uint8Array): boolean {
  return data.length >= 4 && new DataView(data.buffer, data.byteOffset).getUint32(0, true) === LEGACY_MAGIC;
}

/** What follows the last block is ignored. */
export function unpackLegacyLz4(data: Uint8Array): Buffer {
  if (!isLegacyLz4(data)) throw damaged();
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const parts: Buffer[] = [];
  let total = 0;
  for (let at = 4; at + 4 <= data.length;) {
    const size = view.getUint32(at, true);
    // A kernel's data ends with its unpacked length, which is no block.
    if (size === 0 || at + 4 + size > data.length) break;
    const target = Buffer.allocUnsafe(BLOCK_BYTES);
    const unpacked = unpackBlock(data.subarray(at + 4, at + 4 + size), target);
    parts.push(target.subarray(0, unpacked));
    total += unpacked;
    if (total > MOST_BYTES) throw damaged();
    at += 4 + size;
  }
  return Buffer.concat(parts);
}
