// Runs inside a jail. Prints what can be seen of the world from here, as JSON.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";

/** @template T @param {() => T} look */
function attempt(look) {
  try {
    return look();
  } catch (error) {
    return `${error.code ?? error}`;
  }
}
const read = (path) => attempt(() => readFileSync(path, "utf8"));
const list = (path) => attempt(() => readdirSync(path).sort());
const links = (path) => attempt(() => readdirSync(path).map((name) => attempt(() => readlinkSync(`${path}/${name}`))));

const masked = [
  "kcore",
  "kallsyms",
  "keys",
  "cmdline",
  "modules",
  "interrupts",
  "timer_list",
  "diskstats",
  "sched_debug",
];

console.log(
  JSON.stringify({
    ids: { uid: process.getuid(), gid: process.getgid(), groups: process.getgroups() },
    uidMap: read("/proc/self/uid_map"),
    gidMap: read("/proc/self/gid_map"),
    status: read("/proc/self/status"),
    initStatus: read("/proc/1/status"),
    pids: list("/proc").filter((name) => /^\d+$/.test(name)),
    hostname: hostname(),
    cgroup: read("/proc/self/cgroup"),
    mountinfo: read("/proc/self/mountinfo"),
    interfaces: networkInterfaces(),
    routes: read("/proc/net/route"),
    unix: read("/proc/net/unix"),
    dev: list("/dev"),
    sys: list("/sys"),
    shm: list("/dev/shm"),
    root: list("/"),
    descriptors: links("/proc/self/fd"),
    initDescriptors: links("/proc/1/fd"),
    initRoot: attempt(() => readlinkSync("/proc/1/root")),
    initEnvironment: read("/proc/1/environ"),
    masked: Object.fromEntries(masked.map((name) => [name, read(`/proc/${name}`)])),
    limits: read("/proc/self/limits"),
    shared: read("/proc/sysvipc/shm"),
  }),
);
