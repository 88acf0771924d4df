// Runs inside a jail. Makes forbidden system calls, and prints what each of them answers as JSON: the name of the error,
// or "allowed". Arguments are chosen so that a call that gets through does no harm.
import { getSystemErrorName } from "node:util";
import koffi from "koffi";

const libc = koffi.load("libc.so.6");
const raw = libc.func("long syscall(long number, long a, long b, long c, long d, long e)");
const x64 = process.arch === "x64";

/** @param {number | undefined} number */
function call(number, a = 0, b = 0, c = 0, d = 0, e = 0) {
  if (number === undefined) return "no such call here";
  const result = raw(number, a, b, c, d, e);
  return result === -1 ? getSystemErrorName(-koffi.errno()) : "allowed";
}

const CLONE_NEWUSER = 0x10000000;
const CLONE_FS = 0x200;
const socketNumber = x64 ? 41 : 198;
const ioctlNumber = x64 ? 16 : 29;

/** name → [number on x86-64, number on arm64, ...arguments] */
const calls = {
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  io_setup: [206, 0],
  fanotify_init: [300, 262],
  unshare: [272, 97, CLONE_NEWUSER],
  setns: [308, 268, -1],
  // Both together are refused by the kernel as well, with EINVAL: no second process can come of it.
  "clone with a new user namespace": [56, 220, CLONE_NEWUSER | CLONE_FS],
  clone3: [435, 435],
  mount: [165, 40],
  umount2: [166, 39],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsmount: [432, 432],
  mount_setattr: [442, 442],
  pivot_root: [155, 41],
  chroot: [161, 51],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  quotactl: [179, 60],
  ptrace: [101, 117, 0],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  pidfd_getfd: [438, 438],
  kcmp: [312, 272],
  process_madvise: [440, 440],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  reboot: [169, 142],
  swapon: [167, 224],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  adjtimex: [159, 171],
  sethostname: [170, 161],
  syslog: [103, 116],
  acct: [163, 89],
  iopl: [172, undefined],
  ioperm: [173, undefined],
  modify_ldt: [154, undefined],
  mbind: [237, 235],
  move_pages: [279, 239],
  memfd_secret: [447, 447],
  "personality READ_IMPLIES_EXEC": [135, 92, 0x400000],
  "personality with a hidden upper half": [135, 92, 0x1_0000_0000 + 0x400000],
};

const [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] = [1, 2, 10, 16];
/** name → [family, type, protocol] */
const refusedSockets = {
  AF_ALG: [38, 5, 0],
  AF_VSOCK: [40, 1, 0],
  AF_PACKET: [17, 3, 0],
  AF_XDP: [44, 3, 0],
  AF_BLUETOOTH: [31, 3, 0],
  AF_CAN: [29, 3, 0],
  "raw IP": [AF_INET, 3, 1],
  "raw IPv6": [AF_INET6, 3, 58],
  ping: [AF_INET, 2, 1],
  MPTCP: [AF_INET, 1, 262],
  SCTP: [AF_INET, 1, 132],
  "netlink netfilter": [AF_NETLINK, 3, 12],
  "netlink uevent": [AF_NETLINK, 3, 15],
  "netlink xfrm": [AF_NETLINK, 3, 6],
  "AF_ALG with a hidden upper half": [0x1_0000_0000 + 38, 5, 0],
};
const allowedSockets = {
  unix: [AF_UNIX, 1, 0],
  TCP: [AF_INET, 1, 6],
  UDP: [AF_INET, 2, 0],
  "TCP over IPv6": [AF_INET6, 1, 0],
  "netlink route": [AF_NETLINK, 3, 0],
};

const TIOCSTI = 0x5412;
const refused = {};
for (const [name, [onX64, onArm64, ...values]] of Object.entries(calls)) {
  refused[name] = call(x64 ? onX64 : onArm64, ...values);
}
for (const [name, values] of Object.entries(refusedSockets)) refused[`socket ${name}`] = call(socketNumber, ...values);
refused["ioctl TIOCSTI"] = call(ioctlNumber, 1, TIOCSTI);
refused["ioctl TIOCSTI with a hidden upper half"] = call(ioctlNumber, 1, 0x1_0000_0000 + TIOCSTI);

const allowed = {};
for (const [name, values] of Object.entries(allowedSockets)) allowed[`socket ${name}`] = call(socketNumber, ...values);
allowed["personality that asks"] = call(x64 ? 135 : 92, 0xffffffff);
allowed["personality of Linux"] = call(x64 ? 135 : 92, 0);

console.log(JSON.stringify({ refused, allowed }));
