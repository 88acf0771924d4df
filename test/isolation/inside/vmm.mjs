// Runs inside the jail of a VMM, in its place: what a guest could do that owns its VMM. Prints it as one line of JSON.
import { spawnSync } from "node:child_process";
import { closeSync, copyFileSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { getSystemErrorName } from "node:util";
import koffi from "koffi";

const libc = koffi.load("libc.so.6");
const raw = libc.func("long syscall(long number, long a, long b, long c, long d, long e, long f)");
const mknod = libc.func("int mknod(const char *path, unsigned int mode, unsigned long device)");
const ioctl = libc.func("int ioctl(int fd, unsigned long request, void *data)");

/** @param {() => unknown} look */
function attempt(look) {
  try {
    return look() ?? "done";
  } catch (error) {
    return `${error.code ?? error}`;
  }
}
function call(number, ...values) {
  const result = raw(number, ...[...values, 0, 0, 0, 0, 0, 0].slice(0, 6));
  return result === -1 ? getSystemErrorName(-koffi.errno()) : "done";
}
const list = (path) => attempt(() => readdirSync(path).sort());
const write = (path) => attempt(() => closeSync(openSync(path, "r+")));

function attach(name) {
  const fd = openSync("/dev/net/tun", "r+");
  const request = Buffer.alloc(40);
  request.write(name);
  request.writeUInt16LE(0x2 | 0x1000 | 0x4000, 16); // a TAP device, with a virtio header
  const result = ioctl(fd, 0x4004_54ca, request) === -1 ? getSystemErrorName(-koffi.errno()) : "done";
  closeSync(fd);
  return result;
}

/** Bytes until there is no room. */
function fill(path) {
  const fd = openSync(path, "w");
  let bytes = 0;
  for (;;) {
    const written = attempt(() => writeSync(fd, Buffer.alloc(64 * 1024)));
    if (typeof written !== "number") return { bytes, end: written };
    bytes += written;
  }
}

const status = Object.fromEntries(
  readFileSync("/proc/self/status", "utf8")
    .split("\n")
    .filter((line) => /^(Cap|Seccomp:|NoNewPrivs)/.test(line))
    .map((line) => line.split(/:\t/)),
);

console.log(
  JSON.stringify({
    status,
    uidMap: readFileSync("/proc/self/uid_map", "utf8").trim().split(/ +/),
    root: list("/"),
    files: list("/vm"),
    control: list("/run/vmm"),
    devices: list("/dev/net"),
    pids: list("/proc").filter((name) => /^\d+$/.test(name)),
    interfaces: readFileSync("/proc/self/net/dev", "utf8").match(/^ *\w+(?=:)/gm),
    writes: {
      root: attempt(() => writeFileSync("/x", "")),
      dev: attempt(() => writeFileSync("/dev/x", "")),
      vm: attempt(() => writeFileSync("/vm/x", "")),
      kernel: write("/vm/kernel"),
      initramfs: write("/vm/initramfs"),
      image: write("/vm/root"),
      scratch: write("/vm/tmp"),
    },
    execute: attempt(() => {
      copyFileSync("/lib64/ld-linux-x86-64.so.2", "/run/vmm/program");
      return spawnSync("/run/vmm/program").error?.code;
    }),
    fill: fill("/run/vmm/program"),
    // AF_UNIX, INET, INET6, NETLINK, PACKET, ALG, VSOCK: streams.
    sockets: [1, 2, 10, 16, 17, 38, 40].map((family) => call(41, family, 1)),
    calls: {
      unshare: call(272, 0x1000_0000),
      mount: call(165),
      setns: call(308),
      ptrace: call(101),
      bpf: call(321),
      mknod: mknod("/run/vmm/mem", 0o20666, 0x101) === -1 ? getSystemErrorName(-koffi.errno()) : "done",
      processVmReadv: call(310, 1),
      kill: attempt(() => process.kill(2, 0)),
    },
    tap: attach("tap0"),
    another: attach("tap1"),
  }),
);
