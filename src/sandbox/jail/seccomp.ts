/**
 * The system calls that function code may make: an allow list, in groups, with the reason where one is needed.
 *
 * What is not on the list answers ENOSYS, because C libraries then fall back to an older call; what is refused on purpose
 * and well known answers EPERM, because that is what a program without the right expects.
 *
 * Calls of other ABIs (32-bit x86, x32) end the process: their numbers mean other things and would slip through.
 */
import type { Arch, LinuxSeccomp, Syscall, SyscallArgument } from "./oci-config.ts";
import { allowedCalls, refusedCalls } from "./syscalls.ts";

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const LOW_32_BITS = 0xffff_ffff;

/**
 * CLONE_NEW*, except CLONE_NEWTIME, which shares its bit with the exit signal and exists only in clone3 and unshare.
 * clone3 takes its flags from memory, where no filter can see them: it is not on the list.
 */
const NEW_NAMESPACES = 0x7e02_0000;

/** ioctl requests, an allow list: everything else is a driver's. Compared as the kernel reads them, in 32 bits. */
const ioctls = [
  [0x5401, 0x5402, 0x5403, 0x5404], // TCGETS (isatty), TCSETS, TCSETSW, TCSETSF
  [0x540f, 0x5410, 0x5411], // TIOCGPGRP, TIOCSPGRP, TIOCOUTQ
  [0x5413, 0x5414], // TIOCGWINSZ, TIOCSWINSZ
  [0x541b, 0x5421], // FIONREAD, FIONBIO
  [0x5450, 0x5451, 0x5452], // FIONCLEX, FIOCLEX, FIOASYNC
  [0x8905], // SIOCATMARK
  [0x8910, 0x8912, 0x8913, 0x8915, 0x8919, 0x891b, 0x8921, 0x8927, 0x8933], // reading network interfaces
  [0x8008_6601], // FS_IOC_GETFLAGS
  [0x4004_9409, 0x4020_940d], // FICLONE, FICLONERANGE
].flat();

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_TYPE_MASK = 0xf;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const NETLINK_ROUTE = 0;

function masked(index: number, mask: number, value: number): SyscallArgument {
  return { index, value: mask, valueTwo: value, op: "SCMP_CMP_MASKED_EQ" };
}

/** The kernel takes these arguments as 32-bit numbers: the upper half must not make a difference. */
function equals(index: number, value: number): SyscallArgument {
  return masked(index, LOW_32_BITS, value);
}

function allow(names: string[], args?: SyscallArgument[]): Syscall {
  return { names, action: "SCMP_ACT_ALLOW", ...(args && { args }) };
}

function refuse(names: string[], errnoRet: number, args?: SyscallArgument[]): Syscall {
  return { names, action: "SCMP_ACT_ERRNO", errnoRet, ...(args && { args }) };
}

/** Local sockets, TCP, UDP, and reading one's own interfaces. No raw, packet, vsock, crypto or other families. */
function socketRules(): Syscall[] {
  const internet = [AF_INET, AF_INET6].flatMap((family) =>
    (
      [
        [SOCK_STREAM, 0],
        [SOCK_STREAM, IPPROTO_TCP],
        [SOCK_DGRAM, 0],
        [SOCK_DGRAM, IPPROTO_UDP],
      ] as const
    ).map(([type, protocol]) =>
      allow(["socket"], [equals(0, family), masked(1, SOCK_TYPE_MASK, type), equals(2, protocol)]),
    ),
  );
  // A family that is refused answers as if the kernel had never heard of it.
  const known = [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK];
  const others = Array.from({ length: 48 }, (_, family) => family).filter((family) => !known.includes(family));
  return [
    allow(["socket"], [equals(0, AF_UNIX)]),
    ...internet,
    allow(["socket"], [equals(0, AF_NETLINK), equals(2, NETLINK_ROUTE)]),
    ...others.map((family) => refuse(["socket"], EAFNOSUPPORT, [equals(0, family)])),
  ];
}

const architectures: Readonly<Record<string, Arch>> = { x64: "SCMP_ARCH_X86_64", arm64: "SCMP_ARCH_AARCH64" };

/** `arch` as in `process.arch`. */
export function seccompProfile(arch: string): LinuxSeccomp {
  const architecture = architectures[arch];
  if (architecture === undefined) throw new TypeError(`No system call list for the architecture ${arch}`);
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: ENOSYS,
    architectures: [architecture],
    syscalls: [
      allow([...allowedCalls]),
      refuse([...refusedCalls], EPERM),
      // It would write out every file system of the host. A jail's own files lie in memory: there is nothing to do.
      refuse(["sync"], 0),
      allow(["clone"], [masked(0, NEW_NAMESPACES, 0)]),
      allow(["personality"], [equals(0, 0)]),
      allow(["personality"], [equals(0, LOW_32_BITS)]),
      ...ioctls.map((request) => allow(["ioctl"], [equals(1, request)])),
      ...socketRules(),
    ],
  };
}
