/**
 * The system calls that Node.js has no function for, through koffi. Everything here is synchronous and short: these are
 * calls that the kernel answers at once.
 */
import { closeSync, fstatSync, ftruncateSync } from "node:fs";
import { getSystemErrorName } from "node:util";
import koffi from "koffi";

/** Error numbers that Node.js has no name for, and that somebody here asks about. */
const unnamed: Readonly<Record<number, string>> = { 15: "ENOTBLK" };

/** A failed system call, in the shape of Node's own system errors. */
export class SystemCallError extends Error {
  readonly code: string;
  readonly syscall: string;

  constructor(syscall: string, errno: number, what: string) {
    const code = unnamed[errno] ?? getSystemErrorName(-errno);
    super(`${syscall}(${what}): ${code}`);
    this.name = "SystemCallError";
    this.code = code;
    this.syscall = syscall;
  }
}

const library = koffi.load("libc.so.6");

type Native = (...values: readonly (number | string | null | Uint8Array | Int32Array)[]) => number;

/** Declared on first use, so that importing this file costs nothing. */
const declared = new Map<string, Native>();

function native(prototype: string): Native {
  let found = declared.get(prototype);
  if (found === undefined) {
    found = library.func(prototype) as Native;
    declared.set(prototype, found);
  }
  return found;
}

function check(result: number, syscall: string, what: string): number {
  if (result < 0) throw new SystemCallError(syscall, koffi.errno(), what);
  return result;
}

/** Gives memory back that was freed and that malloc(3) keeps for later. Does nothing with a C library that has no such call. */
export function giveBackFreed(): void {
  let trim: Native;
  try {
    trim = native("int malloc_trim(size_t pad)");
  } catch {
    return;
  }
  trim(0);
}

export const MS_RDONLY = 1;
export const MS_NOSUID = 2;
export const MS_NODEV = 4;
export const MS_NOEXEC = 8;
export const MS_REMOUNT = 32;
export const MS_BIND = 4096;
export const MS_SHARED = 1 << 20;
export const MS_PRIVATE = 1 << 18;

export function mount(
  source: string | null,
  target: string,
  type: string | null,
  flags: number,
  data: string | null = null,
): void {
  const call = native(
    "int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)",
  );
  check(call(source, target, type, flags, data), "mount", `${type ?? "-"} ${target}`);
}

const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

/** Lazy: the mount is gone from the tree at once, its file system goes when its last user has gone. */
export function unmount(target: string): void {
  check(native("int umount2(const char *target, int flags)")(target, MNT_DETACH | UMOUNT_NOFOLLOW), "umount2", target);
}

/**
 * The same in another thread: when the last user of a file system goes, its data is given back before the call returns,
 * which takes a tenth of a second for some hundred MB.
 */
export function unmountAside(target: string): Promise<void> {
  return new Promise((resolve, reject) => {
    unmounts.push({ target, resolve, reject });
    nextUnmount();
  });
}

interface Unmount {
  target: string;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** koffi refuses more than some hundred calls at once, and a machine that is being emptied has more. */
const UNMOUNTS_AT_ONCE = 8;
const unmounts: Unmount[] = [];
let unmounting = 0;

function nextUnmount(): void {
  const next = unmounting < UNMOUNTS_AT_ONCE ? unmounts.shift() : undefined;
  if (next === undefined) return;
  const { target, resolve, reject } = next;
  unmounting += 1;
  const call = library.func("int umount2(const char *target, int flags)");
  call.async(target, MNT_DETACH | UMOUNT_NOFOLLOW, (error: unknown, result: number) => {
    unmounting -= 1;
    nextUnmount();
    if (error instanceof Error) reject(error);
    // errno belongs to the other thread.
    else if (result < 0) reject(new Error(`umount2(${target}) failed`));
    else resolve();
  });
}

type Argument = number | string | Uint8Array;

/** A system call by its number. @param what For the error's message. */
export function rawCall(name: string, number: number, what: string, ...values: readonly Argument[]): number {
  // The kernel reads no more arguments than the call has; those that are declared here have types of their own.
  const types = values.map((value) =>
    typeof value === "number" ? "long" : typeof value === "string" ? "const char *" : "const uint8_t *",
  );
  const parameters = types.map((type, index) => `${type} ${"abcdef"[index]}`);
  const call = native(`long syscall(${["long number", ...parameters].join(", ")})`);
  return check(call(number, ...values), name, what);
}

export const CLONE_NEWNET = 0x40000000;

export function unshare(flags: number): void {
  check(native("int unshare(int flags)")(flags), "unshare", flags.toString(16));
}

export function setns(fd: number, type: number): void {
  check(native("int setns(int fd, int type)")(fd, type), "setns", String(fd));
}

/** socket(2) with SOCK_CLOEXEC added. */
export function socket(domain: number, type: number, protocol = 0): number {
  const SOCK_CLOEXEC = 0o2000000;
  return check(
    native("int socket(int domain, int type, int protocol)")(domain, type | SOCK_CLOEXEC, protocol),
    "socket",
    "",
  );
}

export function bind(fd: number, address: Uint8Array): void {
  check(native("int bind(int fd, const uint8_t *address, uint32_t length)")(fd, address, address.length), "bind", "");
}

/** What routing rules know a socket's packets by. */
export function markSocket(fd: number, mark: number): void {
  const [SOL_SOCKET, SO_MARK] = [1, 36];
  const call = native("int setsockopt(int fd, int level, int name, const int *value, uint32_t length)");
  check(call(fd, SOL_SOCKET, SO_MARK, new Int32Array([mark]), 4), "setsockopt", "SO_MARK");
}

/** A server may come back to its port while connections of its predecessor are still being closed. */
export function reuseAddress(fd: number): void {
  const [SOL_SOCKET, SO_REUSEADDR] = [1, 2];
  const call = native("int setsockopt(int fd, int level, int name, const int *value, uint32_t length)");
  check(call(fd, SOL_SOCKET, SO_REUSEADDR, new Int32Array([1]), 4), "setsockopt", "SO_REUSEADDR");
}

/**
 * Of a Unix socket, and of those that it accepts: who sends a descriptor gets EPERM (SO_PASSRIGHTS, Linux 6.16).
 * False where the kernel does not know it.
 */
export function refuseDescriptors(fd: number): boolean {
  const [SOL_SOCKET, SO_PASSRIGHTS, ENOPROTOOPT] = [1, 83, 92];
  const call = native("int setsockopt(int fd, int level, int name, const int *value, uint32_t length)");
  const result = call(fd, SOL_SOCKET, SO_PASSRIGHTS, new Int32Array([0]), 4);
  if (result < 0 && koffi.errno() === ENOPROTOOPT) return false;
  check(result, "setsockopt", "SO_PASSRIGHTS");
  return true;
}

export function listen(fd: number, backlog: number): void {
  check(native("int listen(int fd, int backlog)")(fd, backlog), "listen", "");
}

/** Waits for the lock of an open file (flock(2)), which goes with the descriptor. For work that takes no time. */
export function lockFile(fd: number): void {
  const LOCK_EX = 2;
  check(native("int flock(int fd, int operation)")(fd, LOCK_EX), "flock", String(fd));
}

/** ioctl(2) with a structure that the kernel reads or writes. */
export function ioctl(fd: number, request: number, argument: Uint8Array): number {
  return check(
    native("int ioctl(int fd, unsigned long request, _Inout_ uint8_t *data)")(fd, request, argument),
    "ioctl",
    request.toString(16),
  );
}

/** ioctl(2) with a plain number. */
export function ioctlValue(fd: number, request: number, argument: number): number {
  return check(
    native("int ioctl(int fd, unsigned long request, unsigned long value)")(fd, request, argument),
    "ioctl",
    request.toString(16),
  );
}

/** [read end, write end], both close-on-exec. */
export function pipe(): [number, number] {
  const O_CLOEXEC = 0o2000000;
  const ends = new Int32Array(2);
  check(native("int pipe2(_Out_ int *ends, int flags)")(ends, O_CLOEXEC), "pipe2", "");
  return [ends[0] ?? -1, ends[1] ?? -1];
}

/** A named pipe that its owner alone may open. */
export function mkfifo(path: string): void {
  check(native("int mkfifo(const char *path, unsigned int mode)")(path, 0o600), "mkfifo", path);
}

/** A device file like one that is there (`rdev` of its stat), which its owner alone may open. */
export function makeDevice(path: string, kind: "character" | "block", rdev: number): void {
  const type = kind === "character" ? 0o020000 : 0o060000;
  check(
    native("int mknod(const char *path, unsigned int mode, uint64_t device)")(path, type | 0o600, rdev),
    "mknod",
    path,
  );
}

/** An unnamed file in memory, close-on-exec, of a given size, with nothing in it yet. */
export function memoryFile(bytes: number): number {
  const MFD_CLOEXEC = 1;
  const fd = check(
    native("int memfd_create(const char *name, unsigned int flags)")("kiln", MFD_CLOEXEC),
    "memfd_create",
    "",
  );
  ftruncateSync(fd, bytes);
  return fd;
}

/**
 * An unnamed file in memory that can be executed, and not be changed once `fill` has written it; close-on-exec. Undefined
 * where the host forbids it (sysctl vm.memfd_noexec).
 */
export function sealedFile(fill: (fd: number) => void): number | undefined {
  const [MFD_CLOEXEC, MFD_ALLOW_SEALING, MFD_EXEC] = [1, 2, 16];
  const create = native("int memfd_create(const char *name, unsigned int flags)");
  let fd = create("kiln-program", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  // Kernels before 6.3 do not know the last one, and need none.
  if (fd < 0) fd = create("kiln-program", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return undefined;
  try {
    fill(fd);
    const F_ADD_SEALS = 1033;
    const [SEAL, SHRINK, GROW, WRITE] = [1, 2, 4, 8];
    const seal = native("int fcntl(int fd, int command, int value)");
    check(seal(fd, F_ADD_SEALS, SEAL | SHRINK | GROW | WRITE), "fcntl", "F_ADD_SEALS");
    // It may have been made without the right to be executed.
    if ((fstatSync(fd).mode & 0o100) !== 0) return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return undefined;
}

const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/** The next part of a sparse file that holds data, from an offset on: [start, end), or undefined. */
export function nextData(fd: number, offset: number): [number, number] | undefined {
  const seek = native("int64_t lseek(int fd, int64_t offset, int whence)");
  const start = seek(fd, offset, SEEK_DATA);
  if (start < 0) return undefined;
  return [start, seek(fd, start, SEEK_HOLE)];
}

/** Orphans below this process become its children, so that it learns how they end. */
export function becomeSubreaper(): void {
  const PR_SET_CHILD_SUBREAPER = 36;
  check(
    native("int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)")(
      PR_SET_CHILD_SUBREAPER,
      1,
      0,
      0,
      0,
    ),
    "prctl",
    "PR_SET_CHILD_SUBREAPER",
  );
}

/** The raw wait status of an ended child, `undefined` while it runs, or `"unknown"` if it is no child of this process. */
export function waitNoHang(pid: number): number | "unknown" | undefined {
  const WNOHANG = 1;
  const status = new Int32Array(1);
  const result = native("int waitpid(int pid, _Out_ int *status, int options)")(pid, status, WNOHANG);
  if (result === 0) return undefined;
  return result < 0 ? "unknown" : (status[0] ?? 0);
}
