/** The kernel itself out of a bzImage: what VMMs start at its PVH entry, without a boot loader and without unpacking it. */
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { KilnError } from "../../base/errors.ts";
import { isLegacyLz4, unpackLegacyLz4 } from "./lz4.ts";

/** The Linux/x86 boot protocol (Documentation/arch/x86/boot.rst). */
const SETUP_SECTORS = 0x1f1;
const MAGIC = 0x202;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
const MOST_BYTES = 256 * 1024 * 1024;
const ELF = Buffer.from("\x7fELF", "latin1");

/** The first six bytes of an xz file (xz-file-format.txt). */
const XZ = Buffer.from("\xfd7zXZ\0", "latin1");

/** Unpacks the first stream of an xz file, which Node.js cannot. */
export type UnpackXz = (packed: Buffer) => Promise<Buffer>;

async function unpack(payload: Buffer, unpackXz: UnpackXz): Promise<Buffer> {
  if (payload.subarray(0, XZ.length).equals(XZ)) return unpackXz(payload);
  if (isLegacyLz4(payload)) return unpackLegacyLz4(payload);
  const options = { maxOutputLength: MOST_BYTES };
  if (payload.readUInt16BE(0) === 0x1f8b) return gunzipSync(payload, options);
  if (payload.readUInt32LE(0) === 0xfd2fb528) return zstdDecompressSync(payload, options);
  throw new KilnError("KERNEL_UNKNOWN", "The kernel is packed with neither LZ4, xz, gzip nor Zstandard.");
}

/** Throws KilnError where it is no kernel for x86, or none that has an ELF file inside. */
export async function vmlinuxOf(image: Buffer, unpackXz: UnpackXz): Promise<Buffer> {
  if (image.subarray(0, 4).equals(ELF)) return image;
  if (image.length < 0x1000 || image.toString("latin1", MAGIC, MAGIC + 4) !== "HdrS") {
    throw new KilnError("KERNEL_UNKNOWN", "The kernel is no bzImage.");
  }
  const start = (image.readUInt8(SETUP_SECTORS) + 1) * 512 + image.readUInt32LE(PAYLOAD_OFFSET);
  const kernel = await unpack(image.subarray(start, start + image.readUInt32LE(PAYLOAD_LENGTH)), unpackXz);
  if (!kernel.subarray(0, 4).equals(ELF)) throw new KilnError("KERNEL_UNKNOWN", "There is no ELF file in the kernel.");
  return kernel;
}
