import assert from "node:assert/strict";
import { test } from "node:test";
import { seccompProfile } from "../jail/seccomp.ts";
import { seccompFilter } from "./seccomp-filter.ts";

const numbers = { read: 0, ioctl: 16, socket: 41, clone: 56, personality: 135, unshare: 272, mount: 165 };
const X64 = 0xc000003e;
const ALLOWED = 0x7fff0000;
const error = (number: number): number => 0x50000 | number;

/** The kernel's interpreter, as far as these programs need one. */
function run(hex: string, number: number, args: readonly bigint[] = [], architecture = X64): number {
  const program = Buffer.from(hex, "hex");
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(architecture, 4);
  args.forEach((value, index) => data.writeBigUInt64LE(value, 16 + 8 * index));
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const [code, then, otherwise, value] = [
      program.readUInt16LE(8 * at),
      program.readUInt8(8 * at + 2),
      program.readUInt8(8 * at + 3),
      program.readUInt32LE(8 * at + 4),
    ];
    if (code === 0x20) accumulator = data.readUInt32LE(value);
    else if (code === 0x54) accumulator = (accumulator & value) >>> 0;
    else if (code === 0x15) at += accumulator === value ? then : otherwise;
    else if (code === 0x35) at += accumulator >= value ? then : otherwise;
    else if (code === 0x06) return value;
    else throw new Error(`instruction ${code}`);
  }
}

test("a filter allows, refuses and ends what the list says, by number and argument", () => {
  const filter = seccompFilter(seccompProfile("x64"), numbers);
  const table: [string, number, number, bigint[]?, number?][] = [
    ["a call of the list", ALLOWED, numbers.read],
    ["one that is refused", error(1), numbers.mount],
    ["one that is nowhere", error(38), 400],
    ["a known request", ALLOWED, numbers.ioctl, [0n, 0x5401n]],
    [
      "one that differs in the upper half alone, which the kernel does not read",
      ALLOWED,
      numbers.ioctl,
      [0n, (1n << 40n) | 0x5401n],
    ],
    ["a request of drivers", error(38), numbers.ioctl, [0n, 0x5412n]],
    ["a TCP socket", ALLOWED, numbers.socket, [2n, 1n, 6n]],
    ["one with flags", ALLOWED, numbers.socket, [2n, 0o2000001n, 0n]],
    ["a raw socket", error(38), numbers.socket, [2n, 3n, 1n]],
    ["a family that is refused", error(97), numbers.socket, [16n + 1n, 3n, 0n]],
    ["a thread", ALLOWED, numbers.clone, [0x3d0f00n]],
    ["a new namespace", error(38), numbers.clone, [0x10000000n]],
    ["a call of x32", 0x80000000, 0x40000000],
    ["a call of 32 bits", 0x80000000, numbers.read, [], 0x40000003],
  ];
  for (const [what, outcome, number, args, architecture] of table) {
    assert.equal(run(filter, number, args, architecture), outcome, what);
  }
});
