/** Gives another process an open file, beside bytes that go through a Unix socket (unix(7), SCM_RIGHTS). */
import type { Socket } from "node:net";
import koffi from "koffi";
import { SystemCallError } from "./libc.ts";

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_NOSIGNAL = 0x4000;
/** struct cmsghdr with one descriptor, and what aligns it. */
const HEAD_BYTES = 16;
const CONTROL_BYTES = HEAD_BYTES + 8;

type SendMessage = (fd: number, message: object, flags: number) => number;
let sendMessage: SendMessage | undefined;

/** Declared on first use, so that importing this file costs nothing. */
function declare(): SendMessage {
  const part = koffi.struct({ base: "const uint8_t *", length: "size_t" });
  const message = koffi.struct({
    name: "void *",
    nameLength: "uint32_t",
    parts: koffi.pointer(part),
    count: "size_t",
    control: "const uint8_t *",
    controlLength: "size_t",
    flags: "int",
  });
  return koffi.load("libc.so.6").func("sendmsg", "int64_t", ["int", koffi.pointer(message), "int"]) as SendMessage;
}

function descriptorOf(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, "_handle");
  const fd: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined;
  if (typeof fd !== "number" || fd < 0) throw new SystemCallError("sendmsg", 9, "a closed socket");
  return fd;
}

/**
 * Of a socket through which nothing else is on its way. The bytes are few, so that they go at once.
 * @param fd Stays open here. Throws SystemCallError.
 */
export function sendDescriptor(socket: Socket, bytes: Uint8Array, fd: number): void {
  sendMessage ??= declare();
  const control = Buffer.alloc(CONTROL_BYTES);
  control.writeBigUInt64LE(BigInt(HEAD_BYTES + 4), 0);
  control.writeInt32LE(SOL_SOCKET, 8);
  control.writeInt32LE(SCM_RIGHTS, 12);
  control.writeInt32LE(fd, HEAD_BYTES);
  const message = {
    name: null,
    nameLength: 0,
    parts: [{ base: bytes, length: bytes.length }],
    count: 1,
    control,
    controlLength: CONTROL_BYTES,
    flags: 0,
  };
  const sent = sendMessage(descriptorOf(socket), message, MSG_NOSIGNAL);
  if (sent < 0) throw new SystemCallError("sendmsg", koffi.errno(), "");
  if (sent !== bytes.length) throw new SystemCallError("sendmsg", 11, "not all of it went");
}
