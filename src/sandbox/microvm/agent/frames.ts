/**
 * What Kiln and the first process of a guest say to each other (guest/README.md): a type, which is one letter, the length
 * of what follows, and that; numbers are 32 bits, little-endian. The guest may have been taken over: what it says is small.
 */
import type { Socket } from "node:net";

/** Where the guest's first process finds Kiln. Nobody but its root can (guest/network.c). */
export const CONTROL_PORT = 9000;

const HEAD_BYTES = 8;
/** Of what the guest says. */
const MOST_PAYLOAD = 64;

export interface Frame {
  type: string;
  payload: Buffer;
}

export function frame(type: string, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(type, 0, 1, "latin1");
  head.writeUInt32LE(payload.length, 4);
  return Buffer.concat([head, payload]);
}

export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32LE(value, 4 * index));
  return bytes;
}

/** Texts that end with NUL each, and therefore have none. */
export function strings(...values: readonly string[]): Buffer {
  return Buffer.from(values.map((value) => `${value.replaceAll("\0", "")}\0`).join(""));
}

/**
 * Calls `onFrame` for each frame that comes, until that answers "stop", having found the socket another reader: that gets
 * what came after the frame.
 * A peer that says too much is cut off.
 */
export function readFrames(socket: Socket, onFrame: (frame: Frame) => "go on" | "stop"): void {
  let rest: Buffer = Buffer.alloc(0);
  function read(chunk: Buffer): void {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEAD_BYTES) {
      const length = rest.readUInt32LE(4);
      if (length > MOST_PAYLOAD) {
        socket.destroy();
        return;
      }
      if (rest.length < HEAD_BYTES + length) return;
      const payload = rest.subarray(HEAD_BYTES, HEAD_BYTES + length);
      const type = String.fromCharCode(rest[0] ?? 0);
      rest = rest.subarray(HEAD_BYTES + length);
      if (onFrame({ type, payload }) === "go on") continue;
      socket.off("data", read);
      if (rest.length > 0) socket.unshift(rest);
      return;
    }
  }
  socket.on("data", read);
}
