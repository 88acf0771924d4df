// Runs inside a jail. Does what ordinary programs do, and prints what failed, as JSON: the jail must not be in their way.
import { execFileSync, spawnSync } from "node:child_process";
import { lookup } from "node:dns/promises";
import fs from "node:fs";
import { createServer } from "node:net";
import os from "node:os";
import { Worker } from "node:worker_threads";

const failed = [];
async function check(what, action) {
  try {
    if ((await action()) === false) failed.push(what);
  } catch (error) {
    failed.push(`${what}: ${String(error)}`);
  }
}

await check("a program from the image", () => String(execFileSync("/bin/echo", ["hi"])) === "hi\n");
await check("a shell with a pipe", () => String(execFileSync("/bin/sh", ["-c", "echo hi | cat"])) === "hi\n");
await check("a program of one's own in /tmp", () => {
  fs.writeFileSync("/tmp/run", "#!/bin/sh\necho ran\n", { mode: 0o755 });
  return String(execFileSync("/tmp/run")) === "ran\n";
});
await check("a fifo", () => spawnSync("/bin/sh", ["-c", "test -p /tmp/fifo || mkfifo /tmp/fifo"]).status === 0);
await check(
  "a thread",
  () => new Promise((resolve, reject) => new Worker("0", { eval: true }).on("exit", resolve).on("error", reject)),
);
await check("links, times, modes, sizes", () => {
  fs.writeFileSync("/tmp/a", "abc");
  fs.linkSync("/tmp/a", "/tmp/b");
  fs.symlinkSync("a", "/tmp/c");
  fs.utimesSync("/tmp/a", 1, 2);
  fs.chmodSync("/tmp/a", 0o600);
  fs.truncateSync("/tmp/a", 1);
  fs.renameSync("/tmp/b", "/tmp/d");
  fs.copyFileSync("/tmp/a", "/tmp/e");
  fs.rmSync("/tmp/d");
  return fs.readFileSync("/tmp/c", "utf8") === "a";
});
await check("many files", () => {
  fs.mkdirSync("/tmp/many");
  for (let i = 0; i < 500; i++) fs.writeFileSync(`/tmp/many/${i}`, "");
  fs.rmSync("/tmp/many", { recursive: true });
});
await check("watching a file", () => fs.watch("/tmp", { persistent: false }).close());
await check(
  "a server on a local socket",
  () =>
    new Promise((resolve, reject) => {
      const server = createServer()
        .on("error", reject)
        .listen("/tmp/socket", () => server.close(resolve));
    }),
);
await check(
  "a server on loopback",
  () =>
    new Promise((resolve, reject) => {
      const server = createServer()
        .on("error", reject)
        .listen(0, "127.0.0.1", () => server.close(resolve));
    }),
);
await check("the name localhost", async () => (await lookup("localhost")).address.length > 0);
await check(
  "facts of the system",
  () => os.cpus().length > 0 && os.totalmem() > 0 && os.uptime() > 0 && os.release() !== "",
);
await check("one's own user", () => os.userInfo().uid === process.getuid());
await check("priorities", () => os.setPriority(Math.min(19, os.getPriority() + 1)));
await check("random numbers", () => fs.readSync(fs.openSync("/dev/urandom", "r"), Buffer.alloc(16)) === 16);
await check("a time zone", () => new Date(0).toLocaleString("en", { timeZone: "Asia/Tokyo" }).includes("9:00"));
await check("compiling code", () => new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
console.log(JSON.stringify(failed));
