/** Tar archives as tests want them, the wrong ones too. */

export interface TarFile {
  name: string;
  /** Default: a file. */
  type?: string;
  content?: Buffer | string;
  mode?: number;
  target?: string;
  /** What the header says, where that is not the truth. */
  size?: number;
  uid?: number;
  mtime?: number;
  /** Written as records of a pax header. */
  pax?: Record<string, string>;
}

export const DIRECTORY = "5";
export const SYMLINK = "2";
export const HARD_LINK = "1";

const BLOCK = 512;

export function tarOf(files: readonly TarFile[]): Buffer {
  return Buffer.concat([...files.flatMap(entryOf), Buffer.alloc(2 * BLOCK)]);
}

function entryOf(file: TarFile): Buffer[] {
  const { pax } = file;
  return [...(pax === undefined ? [] : paxOf(pax)), ...blocksOf(file)];
}

function paxOf(records: Record<string, string>): Buffer[] {
  const lines = Object.entries(records).map(([name, value]) => {
    const rest = Buffer.byteLength(` ${name}=${value}\n`);
    let length = rest + 1;
    while (length !== rest + String(length).length) length = rest + String(length).length;
    return `${length} ${name}=${value}\n`;
  });
  return blocksOf({ name: "pax", type: "x", content: lines.join("") });
}

function blocksOf({ name, type = "0", content = "", mode, target = "", size, uid = 0, mtime = 0 }: TarFile): Buffer[] {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100);
  header.write(octal(mode ?? (type === DIRECTORY ? 0o755 : 0o644), 7), 100);
  header.write(octal(uid, 7), 108);
  header.write(octal(uid, 7), 116);
  header.write(octal(size ?? bytes.length, 11), 124);
  header.write(octal(mtime, 11), 136);
  header.write(" ".repeat(8), 148);
  header.write(type, 156);
  header.write(target, 157, 100);
  header.write("ustar\0", 257);
  header.write("00", 263);
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    ),
    148,
  );
  header.write("\0 ", 154);
  return [header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
