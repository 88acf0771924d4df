/** What the kernel has to have for a jail: cgroups, namespaces, seccomp. */
import { access, readFile, readdir } from "node:fs/promises";
import type { Finding } from "./check.ts";

const CONTROLLERS = ["memory", "cpu", "pids"];
const NAMESPACES = ["user", "pid", "mnt", "ipc", "uts", "cgroup", "net"];

export async function checkCgroups(): Promise<Finding> {
  const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n").map(readMount);
  const unified = mounts.find(({ type }) => type === "cgroup2");
  const legacy = mounts.filter(({ type }) => type === "cgroup");
  const v2 = unified === undefined ? [] : await v2Controllers(unified.at);
  const v1 = legacy.flatMap(({ options }) => options.filter((option) => CONTROLLERS.includes(option)));
  const missing = CONTROLLERS.filter((name) => !v2.includes(name) && !v1.includes(name));
  const layout = legacy.length === 0 ? "v2" : unified === undefined ? "v1" : "hybrid: v1 and v2";
  const detail = `${layout}${missing.length === 0 ? "" : `, without ${missing.join(", ")}`}`;
  if (missing.length === 0) {
    if (legacy.length === 0 || legacy.some(({ options }) => options.includes("freezer")))
      return { name: "cgroups", status: "ok", detail };
    const todo = "Mount v1's controller freezer: without it functions go on running between calls.";
    return { name: "cgroups", status: "warning", detail: `${detail}, without freezer`, todo };
  }
  const todo =
    unified === undefined && legacy.length === 0
      ? "Mount them: mount -t cgroup2 none /sys/fs/cgroup"
      : "Boot with cgroup_enable=memory, and in a container give it cgroups of its own (--cgroupns=private, writable).";
  return { name: "cgroups", status: "missing", detail, todo };
}

/** proc(5): fields behind ` - ` are the type, the source and the super options. */
function readMount(line: string): { at: string; type: string; options: string[] } {
  const [before = "", after = ""] = line.split(" - ");
  const [type = "", , options = ""] = after.split(" ");
  return { at: before.split(" ")[4] ?? "", type, options: options.split(",") };
}

async function v2Controllers(at: string): Promise<string[]> {
  return (await readFile(`${at}/cgroup.controllers`, "utf8")).trim().split(" ");
}

export async function checkNamespaces(): Promise<Finding> {
  const present = await readdir("/proc/self/ns");
  const missing = NAMESPACES.filter((name) => !present.includes(name));
  const most = await readFile("/proc/sys/user/max_user_namespaces", "utf8").catch(() => "0");
  if (missing.length > 0) {
    const todo = "Use a kernel that has them: every distribution's does.";
    return { name: "namespaces", status: "missing", detail: `without ${missing.join(", ")}`, todo };
  }
  if (Number(most) === 0) {
    const todo = "Allow them: sysctl -w user.max_user_namespaces=15000";
    return { name: "namespaces", status: "missing", detail: "user namespaces are turned off", todo };
  }
  return { name: "namespaces", status: "ok", detail: NAMESPACES.join(", ") };
}

export async function checkSeccomp(): Promise<Finding> {
  const there = await access("/proc/sys/kernel/seccomp/actions_avail").then(
    () => true,
    () => false,
  );
  if (there) return { name: "seccomp", status: "ok", detail: "filters are available" };
  const todo = "Use a kernel with CONFIG_SECCOMP_FILTER: every distribution's has it.";
  return { name: "seccomp", status: "missing", detail: "not in this kernel", todo };
}
