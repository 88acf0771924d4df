/**
 * Shared directories of a microVM: a file server (diod, 9P2000.L) in a jail of its own, which has the mounts that a container
 * has, and the guest's kernel as its client. It listens in the machine's network namespace, and nobody else is there. The
 * mounts decide who may do what, not the server: a guest that owns it has the rights of the access point's user in the access
 * point's directory, and no others.
 */
import { closeSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FileSystemError, type JailLimits, type SharedFiles } from "../../contract.ts";
import { openGroup } from "../../host/cgroups/group.ts";
import { childExit } from "../../host/children.ts";
import type { JailNetwork } from "../../host/netns.ts";
import { connectInside } from "../../jail/connect-inside.ts";
import { makeBundle, showImage } from "../../jail/create-jail.ts";
import type { Holdings } from "../../jail/holdings.ts";
import type { JailHost } from "../../jail/jail-host.ts";
import { outputPipe } from "../../jail/output-pipe.ts";
import { mountShared } from "../../jail/shared-place.ts";
import { startGuest } from "../../jail/start-guest.ts";
import { createConsole } from "../console.ts";
import { FILES_PORT, SERVER_THREADS, serverCommand, serverConfig, serverSeccomp } from "./server-config.ts";

export interface FileServerPlace {
  /** The machine's. */
  id: string;
  network: JailNetwork;
  limits: JailLimits;
  files: readonly SharedFiles[];
  /** See `SharingFiles.server`. */
  image: string;
}

/** Besides what files take that lie in memory (tmpfs): they count as the server's, as they count as a container's. */
const OWN_MEMORY_MB = 64;
const LISTENS_WITHIN_MS = 30_000;
const LOOK_MS = 5;

/** Whether somebody listens there. */
function listens(network: JailNetwork): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectInside(network, FILES_PORT);
    socket.once("connect", () => {
      resolve(true);
      socket.destroy();
    });
    socket.once("error", () => resolve(false));
  });
}

/**
 * Resolves when it takes connections. It has ids of its own on the host, which are not the VMM's. Throws FileSystemError.
 */
export async function startFileServer(
  host: JailHost,
  { id, network, limits, files, image }: FileServerPlace,
  holdings: Holdings,
): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  const range = host.ranges.take();
  holdings.add(() => range.release());
  const owner = { uid: range.base + host.user.uid, gid: range.base + host.user.gid };
  const shared = join(host.run.jails, `${id}.mnt`);
  await mountShared(shared, files, { ...owner, root: range.base }, holdings);

  // A machine's id cannot have the dot.
  const serverId = `${id}.files`;
  const bundle = makeBundle(host, serverId, range.base, holdings);
  const root = join(bundle, "root");
  mkdirSync(root);
  showImage(host, image, root, holdings);
  const names = files.map(({ at }) => basename(at));
  const cgroup = join(host.group.path, serverId);
  const memoryMB = limits.memoryMB + OWN_MEMORY_MB;
  const description = {
    hostname: "files",
    argv: serverCommand(names),
    env: {},
    user: host.user,
    idBase: range.base,
    dirs: { root, tmp: "" },
    workingDirectory: "/",
    network: network.path,
    cgroup,
    limits: { ...limits, memoryMB, pids: SERVER_THREADS },
    swap: host.group.swap,
    seccomp: serverSeccomp(host.seccomp),
  };
  const runtime = { ...host.runtime, describe: () => serverConfig(description, shared, names) };
  const [stdout, stderr] = [outputPipe(owner), outputPipe(owner)];
  holdings.add(() => {
    stdout.readable.destroy();
    stderr.readable.destroy();
  });
  const console = createConsole([stdout.readable, stderr.readable]);
  let pid: number;
  try {
    const output = { stdout: stdout.writeEnd, stderr: stderr.writeEnd };
    pid = await startGuest(runtime, host, { id: serverId, bundle, description, ...output }, holdings);
  } finally {
    closeSync(stdout.writeEnd);
    closeSync(stderr.writeEnd);
  }
  let running = true;
  void childExit(pid).then(() => {
    running = false;
  });
  const group = openGroup(host.layout, cgroup, host.group.swap);
  host.group.keepDiskApart();
  host.group.limitDisks(cgroup);
  group.setMemory(memoryMB);
  const until = Date.now() + LISTENS_WITHIN_MS;
  while (!(await listens(network))) {
    if (!running || Date.now() > until) {
      throw new FileSystemError(
        "failure",
        first.name,
        `The file server of a microVM does not start: ${console.tail()}`,
      );
    }
    await sleep(LOOK_MS);
  }
  group.setCpu(limits.vcpus);
}
