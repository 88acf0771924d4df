/**
 * flock(2) on an open file: the kernel lets go of it when the process is gone, however it went, so a lock is never stale.
 * Node opens files close-on-exec: no child holds it on.
 */
import koffi from "koffi";

const LOCK_EXCLUSIVE = 2;
const LOCK_NON_BLOCKING = 4;

/** `taken`: another process has it. Otherwise the number that the system gives as the reason. */
export function tryLock(fd: number): "locked" | "taken" | { errno: number } {
  const flock = koffi.load("libc.so.6").func("int flock(int fd, int operation)") as (fd: number, op: number) => number;
  if (flock(fd, LOCK_EXCLUSIVE | LOCK_NON_BLOCKING) === 0) return "locked";
  const errno = koffi.errno();
  const { EWOULDBLOCK, EAGAIN } = koffi.os.errno;
  return errno === EWOULDBLOCK || errno === EAGAIN ? "taken" : { errno };
}
