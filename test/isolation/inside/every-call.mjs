// Runs inside a jail. Makes the system calls whose numbers CALLS names (JSON), with arguments that are good for nothing, and
// prints what each of them answers: the name of the error, or "allowed".
import { getSystemErrorName } from "node:util";
import koffi from "koffi";

const raw = koffi.load("libc.so.6").func("long syscall(long number, long a, long b, long c, long d, long e, long f)");
const outcomes = JSON.parse(process.env.CALLS).map((number) => {
  const result = raw(number, -1, -1, -1, -1, -1, -1);
  return result === -1 ? getSystemErrorName(-koffi.errno()) : "allowed";
});
console.log(JSON.stringify(outcomes));
