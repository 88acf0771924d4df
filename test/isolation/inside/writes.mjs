// Runs inside a jail. Tries to write wherever it must not, and prints the places where that worked, as JSON.
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";

const worked = [];
function attempt(what, action) {
  try {
    action();
    worked.push(what);
  } catch {
    // Refused, as it must be.
  }
}

const mounts = readFileSync("/proc/self/mountinfo", "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split(" ")[4]);
const directories = [
  ...new Set([...mounts, "/", "/etc", "/usr/bin", "/var", "/var/runtime", "/var/lang", "/home", "/run"]),
];
for (const directory of directories.filter((name) => name !== "/tmp")) {
  attempt(`file in ${directory}`, () => writeFileSync(`${directory}/x`, ""));
  attempt(`directory in ${directory}`, () => mkdirSync(`${directory}/y`));
  attempt(`mode of ${directory}`, () => chmodSync(directory, 0o777));
}
attempt("remove code", () => rmSync("/var/task/view.mjs"));
attempt("overwrite code", () => appendFileSync("/var/task/view.mjs", "x"));
attempt("overwrite node", () => closeSync(openSync("/var/lang/bin/node", "r+")));

const settings = [
  "/proc/sys/kernel/core_pattern",
  "/proc/sys/kernel/hostname",
  "/proc/sys/kernel/modprobe",
  "/proc/sys/kernel/panic",
  "/proc/sys/kernel/shmmax",
  "/proc/sys/kernel/msgmax",
  "/proc/sys/net/ipv4/ip_forward",
  "/proc/sys/net/ipv4/ip_unprivileged_port_start",
  "/proc/sys/net/ipv4/ping_group_range",
  "/proc/sys/fs/suid_dumpable",
  "/proc/sys/vm/drop_caches",
  "/proc/sys/user/max_user_namespaces",
  "/proc/self/uid_map",
  "/proc/self/gid_map",
  "/proc/self/setgroups",
];
for (const setting of settings) attempt(setting, () => writeFileSync(setting, readFileSync(setting)));
attempt("sysrq", () => {
  // A masked file is /dev/null, which takes anything.
  if (statSync("/proc/sysrq-trigger").isCharacterDevice()) throw new Error("masked");
  appendFileSync("/proc/sysrq-trigger", "");
});
attempt("a kinder fate when memory is short", () => writeFileSync("/proc/self/oom_score_adj", "-1000"));

for (const device of readdirSync("/dev")) {
  if (
    ["null", "zero", "full", "tty", "fd", "stdin", "stdout", "stderr", "core", "ptmx", "random", "urandom"].includes(
      device,
    )
  )
    continue;
  worked.push(`unknown device ${device}`);
}
console.log(JSON.stringify(worked));
