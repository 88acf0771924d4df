/**
 * The system calls of Linux, as far as function code may make them, in groups. Whatever stands in no list here is away.
 */

function names(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** mknod makes pipes; devices need a capability that nobody in the jail has. */
const files = names(`
  access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64
  fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fremovexattr
  fsetxattr fstat fstatfs fsync ftruncate futimesat getcwd getdents getdents64 getxattr lchown lgetxattr link linkat
  listxattr llistxattr lremovexattr lseek lsetxattr lstat mkdir mkdirat mknod mknodat newfstatat open openat openat2
  pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv removexattr rename
  renameat renameat2 rmdir sendfile setxattr splice stat statfs statx symlink symlinkat sync_file_range syncfs
  tee truncate umask unlink unlinkat utime utimensat utimes write writev
`);

const memory = names(`
  brk get_mempolicy madvise membarrier memfd_create mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock
  munlockall munmap pkey_alloc pkey_free pkey_mprotect
`);

const processes = names(`
  arch_prctl capget capset execve execveat exit exit_group fork get_robust_list get_thread_area getcpu getegid geteuid
  getgid getgroups getpgid getpgrp getpid getppid getpriority getresgid getresuid getrlimit getrusage getsid gettid
  getuid kill pidfd_open pidfd_send_signal prctl prlimit64 rseq sched_get_priority_max sched_get_priority_min
  sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity
  sched_setattr sched_setparam sched_setscheduler sched_yield set_robust_list set_thread_area set_tid_address setfsgid
  setfsuid setgid setgroups setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid setuid sysinfo
  tgkill times tkill uname vfork wait4 waitid
`);

const signalsAndTime = names(`
  alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep pause restart_syscall rt_sigaction
  rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo setitimer
  sigaltstack signalfd signalfd4 time timer_create timer_delete timer_getoverrun timer_gettime timer_settime
  timerfd_create timerfd_gettime timerfd_settime
`);

const waiting = names(`
  epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 futex futex_requeue
  futex_wait futex_waitv futex_wake inotify_add_watch inotify_init inotify_init1 inotify_rm_watch pipe pipe2 poll
  ppoll pselect6 select
`);

/** Without `socket`, which depends on its arguments. */
const sockets = names(`
  accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg
  sendto setsockopt shutdown socketpair
`);

/** They live in the jail's own ipc namespace, and the memory is counted as the jail's. */
const ipc = names(`
  mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd semctl semget
  semop semtimedop shmat shmctl shmdt shmget
`);

/** Allowed whatever the arguments. */
export const allowedCalls: readonly string[] = [
  ...[files, memory, processes, signalsAndTime, waiting, sockets, ipc].flat(),
  "getrandom",
];

/** Kernel interfaces with a long record of privilege escalation. */
const riskyInterfaces = names(`
  bpf perf_event_open userfaultfd add_key keyctl request_key fanotify_init fanotify_mark
`);

/** Namespaces and the file system tree: a jail has the ones it was given. */
const treesAndNamespaces = names(`
  unshare setns mount umount2 umount mount_setattr open_tree move_mount fsopen fsconfig fsmount fspick pivot_root
  chroot open_by_handle_at name_to_handle_at quotactl quotactl_fd
`);

/** Other processes' memory and descriptors. Nothing at run time needs a debugger; code that wants one runs elsewhere. */
const otherProcesses = names(`
  ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp process_madvise process_mrelease
`);

/** The machine: modules, kernels, clocks, swap, power, ports, logs, accounting, memory placement. */
const machine = names(`
  init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff settimeofday clock_settime
  clock_adjtime adjtimex sethostname setdomainname syslog acct iopl ioperm modify_ldt vhangup mbind set_mempolicy
  migrate_pages move_pages lookup_dcookie
`);

/**
 * Refused on purpose. Most need a capability as well, so this is the second of two locks; those that need none are the
 * reason for the list: bpf, userfaultfd, perf_event_open, keyrings, new user namespaces, reading another process, and
 * handles that reach files past a mount.
 *
 * Away without being named: clone3, whose flags lie in memory where no filter sees them; io_uring, with a long record of
 * its own; io_setup, whose contexts count against one limit for the whole machine (fs.aio-max-nr).
 */
export const refusedCalls: readonly string[] = [riskyInterfaces, treesAndNamespaces, otherProcesses, machine].flat();
