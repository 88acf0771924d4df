/** Archives in the format of a kernel's initial file system ("newc": Documentation/driver-api/early-userspace/buffer-format.rst). */

export interface CpioEntry {
  /** Without a leading slash. */
  name: string;
  /** Type and permissions, for instance 0o100755. */
  mode: number;
  data?: Uint8Array;
  /** Of a device: major and minor number. */
  device?: readonly [number, number];
}

const DIRECTORY = 0o040755;

export function directory(name: string): CpioEntry {
  return { name, mode: DIRECTORY };
}

function padded(bytes: Uint8Array): Uint8Array[] {
  return [bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)];
}

function encode({ name, mode, data = new Uint8Array(), device = [0, 0] }: CpioEntry, inode: number): Uint8Array[] {
  const path = Buffer.from(`${name}\0`);
  const links = 1;
  const fields = [inode, mode, 0, 0, links, 0, data.length, 0, 0, ...device, path.length, 0];
  const head = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
  return [...padded(Buffer.concat([Buffer.from(head), path])), ...padded(data)];
}

/** The same bytes for the same entries: no times, no owners but root. */
export function cpio(entries: readonly CpioEntry[]): Buffer {
  const parts = entries.flatMap((entry, index) => encode(entry, index + 1));
  return Buffer.concat([...parts, ...encode({ name: "TRAILER!!!", mode: 0 }, 0)]);
}
