// Runs inside a jail, on x86-64. Writes a program that makes a system call of the 32-bit ABI, runs it, and prints the
// signal that ended it.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

const program = Buffer.from(process.env.PROGRAM, "base64");
writeFileSync("/tmp/foreign", program, { mode: 0o755 });
console.log(spawnSync("/tmp/foreign").signal);
