// Runs inside a jail. Tries to change the jail's own network, and prints what the kernel answers to each attempt.
import { getSystemErrorName } from "node:util";
import koffi from "koffi";

const libc = koffi.load("libc.so.6");
const socket = libc.func("int socket(int domain, int type, int protocol)");
const send = libc.func("int send(int fd, const uint8_t *data, size_t length, int flags)");
const receive = libc.func("int recv(int fd, _Out_ uint8_t *data, size_t length, int flags)");
const setsockopt = libc.func("int setsockopt(int fd, int level, int name, const int *value, uint32_t length)");
const bind = libc.func("int bind(int fd, const uint8_t *address, uint32_t length)");
const ioctl = libc.func("int ioctl(int fd, unsigned long request, _Inout_ uint8_t *data)");

const answer = (result) => (result < 0 ? getSystemErrorName(-koffi.errno()) : "allowed");
const [AF_INET, SOCK_DGRAM, AF_NETLINK, SOCK_RAW] = [2, 2, 16, 3];

/** An rtnetlink request without attributes, and the error that it is answered with. */
function rtnetlink(type, body) {
  const fd = socket(AF_NETLINK, SOCK_RAW, 0);
  if (fd < 0) return answer(fd);
  const message = Buffer.alloc(16 + body.length);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(5 | 0x400, 6);
  message.set(body, 16);
  if (send(fd, message, message.length, 0) < 0) return answer(-1);
  const reply = Buffer.alloc(4096);
  if (receive(fd, reply, reply.length, 0) < 0) return answer(-1);
  const errno = -reply.readInt32LE(16);
  return errno === 0 ? "allowed" : getSystemErrorName(-errno);
}

const datagram = socket(AF_INET, SOCK_DGRAM, 0);
const option = (level, name) => answer(setsockopt(datagram, level, name, new Int32Array([1]), 4));
const request = Buffer.alloc(40);
request.write("eth0");
/** 45.45.45.46, any port. */
const foreign = Buffer.from([AF_INET, 0, 0, 0, 45, 45, 45, 46, 0, 0, 0, 0, 0, 0, 0, 0]);

console.log(
  JSON.stringify({
    "new address": rtnetlink(20, Buffer.from([AF_INET, 32, 0, 0, 2, 0, 0, 0])),
    "new route": rtnetlink(24, Buffer.from([AF_INET, 0, 0, 0, 254, 4, 0, 1, 0, 0, 0, 0])),
    "new link": rtnetlink(16, Buffer.alloc(16)),
    "link down": answer(ioctl(datagram, 0x8914, request)),
    "new hardware address": answer(ioctl(datagram, 0x8924, request)),
    "transparent socket": option(0, 19),
    "packet mark": option(1, 36),
    "somebody else's address": answer(bind(datagram, foreign, foreign.length)),
    "port below 1024": answer(
      bind(socket(AF_INET, SOCK_DGRAM, 0), Buffer.from([AF_INET, 0, 0, 80, ...Array(12).fill(0)]), 16),
    ),
  }),
);
