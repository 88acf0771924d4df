/** Which OCI runtime of this host can run Kiln's jails: shown by running one, not by a version number. */
import { chownSync, closeSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KilnError, messageOf } from "../../base/errors.ts";
import { RUNTIME_API_HOST, RUNTIME_API_PORT } from "../contract.ts";
import { type ChildExit, childExit } from "../host/children.ts";
import { unmountIfMounted } from "../host/mounts.ts";
import { createNetwork } from "../host/netns.ts";
import { type Ground, openGround } from "./ground.ts";
import { createHoldings, type Holdings } from "./holdings.ts";
import { type OciRuntime, runtimeVersion } from "./oci-runtime.ts";
import { startGuest } from "./start-guest.ts";
import { tinyProgram } from "./tiny-program.ts";

export interface OciRuntimeProbe {
  name: string;
  /** First line of `--version`; empty if it cannot be run. */
  version: string;
  ok: boolean;
  /** Why not; empty if it is. */
  reason: string;
}

const LIMITS = { memoryMB: 64, vcpus: 1, pids: 32, tmpMB: 1 };

/** A root file system with one program and the mount points of a jail. */
function makeRoot(bundle: string, idBase: number): string {
  const root = join(bundle, "root");
  for (const dir of ["proc", "dev", "tmp", "var/task", "opt"]) mkdirSync(join(root, dir), { recursive: true });
  writeFileSync(join(root, "probe"), tinyProgram(process.arch), { mode: 0o755 });
  for (const dir of ["task", "opt", "tmp"]) mkdirSync(join(bundle, dir));
  chownSync(bundle, 0, idBase);
  return root;
}

async function runTiny(runtime: OciRuntime, host: Ground, holdings: Holdings): Promise<ChildExit> {
  const id = `probe-${runtime.program.replaceAll(/[^a-z0-9-]/g, "-")}`.slice(0, 64);
  const range = host.ranges.take();
  holdings.add(() => range.release());
  const bundle = join(host.run.jails, id);
  mkdirSync(bundle, { mode: 0o710 });
  holdings.add(() => rmSync(bundle, { recursive: true, force: true }));
  const root = makeRoot(bundle, range.base);
  const tmp = join(bundle, "tmp");
  holdings.add(() => void unmountIfMounted(tmp));
  await host.tmp.mount(tmp, LIMITS.tmpMB, range.base);
  const network = createNetwork(RUNTIME_API_HOST, RUNTIME_API_PORT);
  holdings.add(() => network.close());
  holdings.add(() => closeSync(network.listener));
  const cgroup = join(host.group.path, id);
  const description = {
    hostname: id,
    argv: ["/probe"],
    env: {},
    user: host.user,
    idBase: range.base,
    dirs: { root, tree: { task: join(bundle, "task"), opt: join(bundle, "opt") }, tmp },
    workingDirectory: "/",
    network: network.path,
    cgroup,
    limits: LIMITS,
    swap: host.group.swap,
    seccomp: host.seccomp,
  };
  const output = openSync(join(bundle, "output"), "w");
  holdings.add(() => closeSync(output));
  const pid = await startGuest(runtime, host, { id, bundle, description, stdout: output, stderr: output }, holdings);
  return childExit(pid);
}

/** Runs a jail that ends at once, made just as real ones are, and leaves nothing of it. Resolves to what is wrong, if anything. */
export async function problemOf(runtime: OciRuntime, host: Ground): Promise<string> {
  const holdings = createHoldings();
  try {
    const exit = await runTiny(runtime, host, holdings);
    return exit.status === 0 ? "" : `The test jail ended with ${exit.signal ?? exit.status}.`;
  } catch (error) {
    return messageOf(error);
  } finally {
    await holdings.release();
  }
}

/** What a report shows; a start has no use for the version, and asks only for the problem. */
export async function probeRuntime(runtime: OciRuntime, host: Ground): Promise<OciRuntimeProbe> {
  const name = runtime.program;
  let version = "";
  try {
    version = await runtimeVersion(name);
  } catch (error) {
    return { name, version, ok: false, reason: messageOf(error) };
  }
  const reason = await problemOf(runtime, host);
  return { name, version, ok: reason === "", reason };
}

/** The self-test by itself, for a report on the host. Disturbs no running Kiln. Needs root. */
export async function probeOciRuntime(runtime: OciRuntime): Promise<OciRuntimeProbe> {
  const instance = `probe-${process.pid}`;
  try {
    const opened = await openGround({ runDir: `/run/kiln-${instance}`, instance });
    try {
      return await probeRuntime(runtime, opened.ground);
    } finally {
      await opened.close();
    }
  } catch (error) {
    return { name: runtime.program, version: "", ok: false, reason: messageOf(error) };
  }
}

/** The first that works; the others are closed. */
export async function chooseOciRuntime(runtimes: readonly OciRuntime[], host: Ground): Promise<OciRuntime> {
  const reasons: string[] = [];
  for (const runtime of runtimes) {
    const problem = await problemOf(runtime, host);
    if (problem === "") {
      for (const other of runtimes) if (other !== runtime) other.close?.();
      return runtime;
    }
    const way = runtime.way === undefined ? "" : ` (${runtime.way})`;
    reasons.push(`${runtime.program}${way}: ${problem}`);
  }
  for (const runtime of runtimes) runtime.close?.();
  throw new KilnError("NO_OCI_RUNTIME", `No OCI runtime works on this host. ${reasons.join(" ")}`, {
    hint: "Install runc or crun; kiln doctor shows what each of them answers.",
  });
}
