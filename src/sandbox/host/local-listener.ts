/** A listening Unix socket with a name of its network namespace's instead of a path (unix(7), "abstract"). */
import { closeSync } from "node:fs";
import { bind, listen, refuseDescriptors, socket } from "./libc.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
/** Of struct sockaddr_un. */
const NAME_BYTES = 107;

/** struct sockaddr_un, as long as the name is. */
function localAddress(name: string): Uint8Array {
  const bytes = Buffer.from(name, "latin1");
  if (bytes.length > NAME_BYTES) throw new TypeError(`${name}: at most ${NAME_BYTES} bytes`);
  const address = new Uint8Array(3 + bytes.length);
  new Uint16Array(address.buffer, 0, 1)[0] = AF_UNIX;
  address.set(bytes, 3);
  return address;
}

/**
 * In the current network namespace. Undefined where the kernel cannot refuse descriptors that peers send (before Linux
 * 6.16): a hostile peer's would be closed by this process, and closing the last descriptor of a file can take as long as
 * its file system, or its socket's SO_LINGER, wants.
 */
export function listenLocally(name: string): number | undefined {
  const fd = socket(AF_UNIX, SOCK_STREAM);
  try {
    if (refuseDescriptors(fd)) {
      bind(fd, localAddress(name));
      listen(fd, 16);
      return fd;
    }
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return undefined;
}
