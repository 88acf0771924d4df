/**
 * The system calls that function code may not make of gVisor's kernel. That kernel is the boundary, and has few of the
 * calls that make Linux dangerous; this is a second lock, for those that are refused at the other levels as well.
 *
 * A list of what is refused, not of what is allowed: gVisor answers EPERM whatever the profile says, also where C libraries
 * need ENOSYS to fall back to an older call (clone3, which newer versions have), and passes over names that it does not know.
 */
import type { LinuxSeccomp, Syscall, SyscallArgument } from "../jail/oci-config.ts";
import { refusedCalls } from "../jail/syscalls.ts";

const EPERM = 1;
/** CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET. */
const NEW_NAMESPACES = [0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000];
const SOCK_TYPE_MASK = 0xf;
const SOCK_RAW = 3;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_PACKET = 17;
const LOW_32_BITS = 0xffff_ffff;

/** Without being named, away from the other levels. */
const AWAY = ["io_uring_setup", "io_uring_enter", "io_uring_register", "memfd_secret"];

function refuse(names: string[], args?: SyscallArgument[]): Syscall {
  return { names, action: "SCMP_ACT_ERRNO", errnoRet: EPERM, ...(args && { args }) };
}

function masked(index: number, mask: number, value: number): SyscallArgument {
  return { index, value: mask, valueTwo: value, op: "SCMP_CMP_MASKED_EQ" };
}

export function gvisorSeccomp({ architectures }: LinuxSeccomp): LinuxSeccomp {
  return {
    defaultAction: "SCMP_ACT_ALLOW",
    architectures,
    syscalls: [
      refuse([...refusedCalls, ...AWAY]),
      ...NEW_NAMESPACES.map((flag) => refuse(["clone"], [masked(0, flag, flag)])),
      ...[AF_INET, AF_INET6].map((family) =>
        refuse(["socket"], [masked(0, LOW_32_BITS, family), masked(1, SOCK_TYPE_MASK, SOCK_RAW)]),
      ),
      refuse(["socket"], [masked(0, LOW_32_BITS, AF_PACKET)]),
    ],
  };
}
