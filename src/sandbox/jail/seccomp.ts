/**
 * The system calls that function code may make: an allow list, in groups, with the reason where one is needed.
 *
 * What is not on the list answers ENOSYS, because C libraries then fall back to an older call; what is refused on purpose
 * and well known answers EPERM, because that is what a program without the right expects.
 *
 * Calls of other ABIs (32-bit x86, x32) end the process: their numbers mean other things and would slip through.
 */
import type { Arch, LinuxSeccomp, Syscall, SyscallArgument } from "./oci-config.ts";

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const LOW_32_BITS = 0xffff_ffff;

const files = [
  "access",
  "chdir",
  "chmod",
  "chown",
  "close",
  "close_range",
  "copy_file_range",
  "creat",
  "dup",
  "dup2",
  "dup3",
  "faccessat",
  "faccessat2",
  "fadvise64",
  "fallocate",
  "fchdir",
  "fchmod",
  "fchmodat",
  "fchmodat2",
  "fchown",
  "fchownat",
  "fcntl",
  "fdatasync",
  "fgetxattr",
  "flistxattr",
  "flock",
  "fremovexattr",
  "fsetxattr",
  "fstat",
  "fstatfs",
  "fsync",
  "ftruncate",
  "futimesat",
  "getcwd",
  "getdents",
  "getdents64",
  "getxattr",
  "lchown",
  "lgetxattr",
  "link",
  "linkat",
  "listxattr",
  "llistxattr",
  "lremovexattr",
  "lseek",
  "lsetxattr",
  "lstat",
  "mkdir",
  "mkdirat",
  "mknod",
  "mknodat",
  "newfstatat",
  "open",
  "openat",
  "openat2",
  "pread64",
  "preadv",
  "preadv2",
  "pwrite64",
  "pwritev",
  "pwritev2",
  "read",
  "readahead",
  "readlink",
  "readlinkat",
  "readv",
  "removexattr",
  "rename",
  "renameat",
  "renameat2",
  "rmdir",
  "sendfile",
  "setxattr",
  "splice",
  "stat",
  "statfs",
  "statx",
  "symlink",
  "symlinkat",
  "sync",
  "sync_file_range",
  "syncfs",
  "tee",
  "truncate",
  "umask",
  "unlink",
  "unlinkat",
  "utime",
  "utimensat",
  "utimes",
  "write",
  "writev",
]; // mknod makes pipes; devices need a capability that nobody in the jail has.

const memory = [
  "brk",
  "get_mempolicy",
  "madvise",
  "membarrier",
  "memfd_create",
  "mincore",
  "mlock",
  "mlock2",
  "mlockall",
  "mmap",
  "mprotect",
  "mremap",
  "msync",
  "munlock",
  "munlockall",
  "munmap",
  "pkey_alloc",
  "pkey_free",
  "pkey_mprotect",
];

const processes = [
  "arch_prctl",
  "capget",
  "capset",
  "execve",
  "execveat",
  "exit",
  "exit_group",
  "fork",
  "get_robust_list",
  "get_thread_area",
  "getcpu",
  "getegid",
  "geteuid",
  "getgid",
  "getgroups",
  "getpgid",
  "getpgrp",
  "getpid",
  "getppid",
  "getpriority",
  "getresgid",
  "getresuid",
  "getrlimit",
  "getrusage",
  "getsid",
  "gettid",
  "getuid",
  "kill",
  "pidfd_open",
  "pidfd_send_signal",
  "prctl",
  "prlimit64",
  "rseq",
  "sched_get_priority_max",
  "sched_get_priority_min",
  "sched_getaffinity",
  "sched_getattr",
  "sched_getparam",
  "sched_getscheduler",
  "sched_rr_get_interval",
  "sched_setaffinity",
  "sched_setattr",
  "sched_setparam",
  "sched_setscheduler",
  "sched_yield",
  "set_robust_list",
  "set_thread_area",
  "set_tid_address",
  "setfsgid",
  "setfsuid",
  "setgid",
  "setgroups",
  "setpgid",
  "setpriority",
  "setregid",
  "setresgid",
  "setresuid",
  "setreuid",
  "setrlimit",
  "setsid",
  "setuid",
  "sysinfo",
  "tgkill",
  "times",
  "tkill",
  "uname",
  "vfork",
  "wait4",
  "waitid",
];

const signalsAndTime = [
  "alarm",
  "clock_getres",
  "clock_gettime",
  "clock_nanosleep",
  "getitimer",
  "gettimeofday",
  "nanosleep",
  "pause",
  "restart_syscall",
  "rt_sigaction",
  "rt_sigpending",
  "rt_sigprocmask",
  "rt_sigqueueinfo",
  "rt_sigreturn",
  "rt_sigsuspend",
  "rt_sigtimedwait",
  "rt_tgsigqueueinfo",
  "setitimer",
  "sigaltstack",
  "signalfd",
  "signalfd4",
  "time",
  "timer_create",
  "timer_delete",
  "timer_getoverrun",
  "timer_gettime",
  "timer_settime",
  "timerfd_create",
  "timerfd_gettime",
  "timerfd_settime",
];

const waiting = [
  "epoll_create",
  "epoll_create1",
  "epoll_ctl",
  "epoll_pwait",
  "epoll_pwait2",
  "epoll_wait",
  "eventfd",
  "eventfd2",
  "futex",
  "futex_requeue",
  "futex_wait",
  "futex_waitv",
  "futex_wake",
  "inotify_add_watch",
  "inotify_init",
  "inotify_init1",
  "inotify_rm_watch",
  "io_cancel",
  "io_destroy",
  "io_getevents",
  "io_pgetevents",
  "io_setup",
  "io_submit",
  "pipe",
  "pipe2",
  "poll",
  "ppoll",
  "pselect6",
  "select",
];

const sockets = [
  "accept",
  "accept4",
  "bind",
  "connect",
  "getpeername",
  "getsockname",
  "getsockopt",
  "listen",
  "recvfrom",
  "recvmmsg",
  "recvmsg",
  "sendmmsg",
  "sendmsg",
  "sendto",
  "setsockopt",
  "shutdown",
  "socketpair",
];

/** They live in the jail's own ipc namespace, and the memory is counted as the jail's. */
const ipc = [
  "mq_getsetattr",
  "mq_notify",
  "mq_open",
  "mq_timedreceive",
  "mq_timedsend",
  "mq_unlink",
  "msgctl",
  "msgget",
  "msgrcv",
  "msgsnd",
  "semctl",
  "semget",
  "semop",
  "semtimedop",
  "shmat",
  "shmctl",
  "shmdt",
  "shmget",
];

const other = ["getrandom"];

/**
 * Refused on purpose. Most need a capability as well, so this is the second of two locks; those that need none are the
 * reason for the list: bpf, userfaultfd, perf_event_open, keyrings, new user namespaces, reading another process, and
 * handles that reach files past a mount.
 */
const refused = [
  // Kernel interfaces with a long record of privilege escalation.
  "bpf",
  "perf_event_open",
  "userfaultfd",
  "add_key",
  "keyctl",
  "request_key",
  "fanotify_init",
  "fanotify_mark",
  // Namespaces and the file system tree: a jail has the ones it was given.
  "unshare",
  "setns",
  "mount",
  "umount2",
  "umount",
  "mount_setattr",
  "open_tree",
  "move_mount",
  "fsopen",
  "fsconfig",
  "fsmount",
  "fspick",
  "pivot_root",
  "chroot",
  "open_by_handle_at",
  "name_to_handle_at",
  "quotactl",
  "quotactl_fd",
  // Other processes' memory and descriptors. Nothing at run time needs a debugger; code that wants one runs elsewhere.
  "ptrace",
  "process_vm_readv",
  "process_vm_writev",
  "pidfd_getfd",
  "kcmp",
  "process_madvise",
  "process_mrelease",
  // The machine: modules, kernels, clocks, swap, power, ports, logs, accounting, memory placement.
  "init_module",
  "finit_module",
  "delete_module",
  "kexec_load",
  "kexec_file_load",
  "reboot",
  "swapon",
  "swapoff",
  "settimeofday",
  "clock_settime",
  "clock_adjtime",
  "adjtimex",
  "sethostname",
  "setdomainname",
  "syslog",
  "acct",
  "iopl",
  "ioperm",
  "modify_ldt",
  "vhangup",
  "mbind",
  "set_mempolicy",
  "migrate_pages",
  "move_pages",
  "lookup_dcookie",
]; // io_uring and clone3 stay away with ENOSYS: libuv and libc then use what is allowed.

/**
 * CLONE_NEW*, except CLONE_NEWTIME, which shares its bit with the exit signal and exists only in clone3 and unshare.
 * clone3 takes its flags from memory, where no filter can see them: it is not on the list.
 */
const NEW_NAMESPACES = 0x7e02_0000;

/** ioctl requests, an allow list: everything else is a driver's. Compared as the kernel reads them, in 32 bits. */
const ioctls = [
  0x5401, // TCGETS: isatty
  0x5402,
  0x5403,
  0x5404, // TCSETS, TCSETSW, TCSETSF
  0x540f,
  0x5410, // TIOCGPGRP, TIOCSPGRP
  0x5411, // TIOCOUTQ, SIOCOUTQ
  0x5413,
  0x5414, // TIOCGWINSZ, TIOCSWINSZ
  0x541b, // FIONREAD
  0x5421, // FIONBIO
  0x5450,
  0x5451,
  0x5452, // FIONCLEX, FIOCLEX, FIOASYNC
  0x8905, // SIOCATMARK
  0x8910,
  0x8912,
  0x8913,
  0x8915,
  0x8919,
  0x891b,
  0x8921,
  0x8927,
  0x8933, // reading network interfaces
  0x8008_6601, // FS_IOC_GETFLAGS
  0x4004_9409,
  0x4020_940d, // FICLONE, FICLONERANGE
];

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
      allow([...files, ...memory, ...processes, ...signalsAndTime, ...waiting, ...sockets, ...ipc, ...other]),
      refuse(refused, EPERM),
      allow(["clone"], [masked(0, NEW_NAMESPACES, 0)]),
      allow(["personality"], [equals(0, 0)]),
      allow(["personality"], [equals(0, LOW_32_BITS)]),
      ...ioctls.map((request) => allow(["ioctl"], [equals(1, request)])),
      ...socketRules(),
    ],
  };
}
