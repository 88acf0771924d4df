/** What Kilns leave on a host: mounts, control groups, processes, ids. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { networkTraces } from "../support/kiln.ts";
import { systemCode } from "../../src/base/errors.ts";
import { runDirOf } from "./support.ts";

const idRanges = "/run/kiln-id-ranges";

function groupsOf(instance: string): string[] {
  return readdirSync("/sys/fs/cgroup")
    .map((tree) => join("/sys/fs/cgroup", tree, "kiln", instance))
    .concat(join("/sys/fs/cgroup/kiln", instance))
    .filter((dir) => existsSync(dir));
}

/** Pids of all processes in the jails of an instance. */
export function processesOf(instance: string): number[] {
  const pids = groupsOf(instance).flatMap((dir) =>
    readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) => linesOf(join(dir, entry.name, "cgroup.procs")))
      .map(Number)
      .filter((pid) => pid > 0),
  );
  return [...new Set(pids)];
}

/** None when the group has just gone. */
function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch (error) {
    if (["ENOENT", "ENODEV"].includes(systemCode(error) ?? "")) return [];
    throw error;
  }
}

/** Whose an id range is; nobody's when it has just been given back. */
function ownerOf(range: string): string | undefined {
  try {
    return readlinkSync(range);
  } catch (error) {
    if (["ENOENT", "EINVAL"].includes(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}

/** Everything on the host that belongs to an instance, in words. */
export function tracesOf(instance: string): string[] {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(`${runDirOf(instance)} `) || line.includes(`${runDirOf(instance)}/`));
  const ids = existsSync(idRanges)
    ? readdirSync(idRanges).filter((name) => ownerOf(join(idRanges, name)) === instance)
    : [];
  return [
    ...mounts.map((line) => `mount ${line}`),
    ...groupsOf(instance).map((dir) => `cgroup ${dir}`),
    ...ids.map((name) => `id range ${name}`),
    ...networkTraces(instance),
    ...(existsSync(runDirOf(instance)) ? [`directory ${runDirOf(instance)}`] : []),
  ];
}

/** Kinds of this process's descriptors, counted; sockets and pipes that Node.js keeps for itself do not change in between. */
export function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** The user ids, on the host, of a process. */
export function hostUid(pid: number): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** What a file of a process says; empty when the process has gone. */
export function procText(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EINVAL"].includes(systemCode(error) ?? "")) return "";
    throw error;
  }
}

/** Whether a process in a jail sees a function's code. */
export function hasCode(pid: number): boolean {
  return / \/var\/task .* erofs /.test(procText(pid, "mountinfo"));
}
