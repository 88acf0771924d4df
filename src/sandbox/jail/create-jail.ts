/** Makes one jail, from nothing to a running first process. */
import { chownSync, closeSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FunctionTree, Jail, JailSpec } from "../contract.ts";
import { openGroup } from "../host/cgroups/group.ts";
import { childExit } from "../host/children.ts";
import { bindReadOnly, unmountIfMounted } from "../host/mounts.ts";
import { containerJail } from "./container-jail.ts";
import { homeOf } from "./home.ts";
import { type Holdings, startHolding } from "./holdings.ts";
import { initCommand, type JailHost } from "./jail-host.ts";
import { outputPipe } from "./output-pipe.ts";
import { connectInside } from "./connect-inside.ts";
import { serveNetwork } from "./served-network.ts";
import { mountShared, provideSharedDir } from "./shared-place.ts";
import { isDirectoryIn } from "./image-paths.ts";
import { startGuest } from "./start-guest.ts";
import { createLauncher, LAUNCHER_ARGV } from "./launcher.ts";

/** The jail's directory: the jail's own root may pass through, by its group; other users of the host may not. */
export function makeBundle(host: JailHost, id: string, idBase: number, holdings: Holdings): string {
  const bundle = join(host.run.jails, id);
  mkdirSync(bundle, { mode: 0o710 });
  holdings.add(() => rmSync(bundle, { recursive: true, force: true }));
  chownSync(bundle, 0, idBase);
  return bundle;
}

function makeDirs(
  host: JailHost,
  id: string,
  idBase: number,
  holdings: Holdings,
): { bundle: string; dirs: { root: string; task: string; opt: string } } {
  const bundle = makeBundle(host, id, idBase, holdings);
  const dirs = {
    root: join(bundle, "root"),
    task: join(bundle, "task"),
    opt: join(bundle, "opt"),
  };
  for (const dir of Object.values(dirs)) {
    mkdirSync(dir);
    holdings.add(() => void unmountIfMounted(dir));
  }
  return { bundle, dirs };
}

/** In an image, whose links are not followed: they lead where the image says, on the host too. */
function hasFile(rootDir: string, path: string): boolean {
  const find = (name: string) => lstatSync(join(rootDir, name), { throwIfNoEntry: false });
  return find(dirname(path))?.isDirectory() === true && find(path)?.isFile() === true;
}

/** Shows an image at a directory until the jail ends. */
export function showImage(host: JailHost, image: string, dir: string, holdings: Holdings): string {
  const use = host.images.use(image);
  holdings.add(() => {
    unmountIfMounted(dir);
    use.release();
  });
  bindReadOnly(use.dir, dir);
  return use.dir;
}

async function start(host: JailHost, spec: JailSpec, holdings: Holdings, onGone: () => void): Promise<Jail> {
  host.attachLock.warm();
  const { home, keep } = await homeOf(host, spec, holdings);
  const { range } = home;
  const { bundle, dirs } = makeDirs(host, spec.id, range.base, holdings);
  const rootDir = showImage(host, spec.rootImage, dirs.root, holdings);

  const user = { uid: range.base + host.user.uid, gid: range.base + host.user.gid };
  const [firstShared] = spec.tree?.files ?? [];
  const shared = firstShared === undefined ? undefined : join(host.run.jails, `${spec.id}.mnt`);
  if (shared !== undefined && firstShared !== undefined) {
    provideSharedDir({ image: rootDir, target: dirs.root, skeleton: host.run.skeleton }, firstShared, holdings);
    await mountShared(shared, spec.tree?.files ?? [], { ...user, root: range.base }, holdings);
  }

  const mountTree = (tree: FunctionTree): void => {
    if (tree.code !== undefined) showImage(host, tree.code, dirs.task, holdings);
    if (tree.layers !== undefined) showImage(host, tree.layers, dirs.opt, holdings);
  };
  if (spec.tree !== undefined) mountTree(spec.tree);

  const served = serveNetwork(spec, holdings, host.runtime.ownKernel !== true);
  const { network, sockets } = served;
  const connection = await host.network?.connect(network);
  if (connection !== undefined) holdings.add(() => connection.close());
  if (spec.network !== undefined) await connection?.allow(spec.network);

  const resolvConf = hasFile(rootDir, "etc/resolv.conf") ? host.run.resolvConf : undefined;
  const cgroup = join(host.group.path, spec.id);
  const { workingDirectory = "/" } = spec;
  const begins = isDirectoryIn(rootDir, workingDirectory);
  const argv = begins ? spec.argv : [`${workingDirectory}/.`];
  const launcher =
    spec.argv.length === 0 ? createLauncher(join(bundle, "launcher"), user, range.base, holdings) : undefined;
  const description = {
    hostname: spec.id,
    argv: [...initCommand(host, rootDir), ...(launcher === undefined ? argv : LAUNCHER_ARGV)],
    // What a launcher starts has variables of its own, and inherits the launcher's.
    env: launcher === undefined ? spec.env : {},
    user: host.user,
    idBase: range.base,
    dirs: {
      root: dirs.root,
      ...(spec.workingDirectory === undefined ? { tree: { task: dirs.task, opt: dirs.opt } } : {}),
      tmp: home.dir,
      shared:
        shared === undefined
          ? undefined
          : { dir: shared, names: spec.tree?.files?.map(({ at }) => basename(at)) ?? [] },
      resolvConf,
    },
    workingDirectory: begins ? workingDirectory : "/",
    network: network.path,
    cgroup,
    limits: spec.limits,
    swap: host.group.swap,
    seccomp: host.seccomp,
    ...(launcher === undefined ? {} : { launcher: launcher.dir }),
  };

  const stdout = outputPipe(user);
  const stderr = outputPipe(user);
  holdings.add(() => {
    stdout.readable.destroy();
    stderr.readable.destroy();
  });
  let pid: number;
  try {
    const output = { stdout: stdout.writeEnd, stderr: stderr.writeEnd };
    host.attachLock.warm();
    pid = await startGuest(host.runtime, host, { id: spec.id, bundle, description, ...output }, holdings);
  } finally {
    closeSync(stdout.writeEnd);
    closeSync(stderr.writeEnd);
  }
  const ended = childExit(pid);
  await served.ready();
  const group = openGroup(host.layout, cgroup, host.group.swap);
  host.group.keepDiskApart();
  host.group.limitDisks(cgroup);
  // Again for the limits that an OCI runtime does not know.
  group.setMemory(spec.limits.memoryMB);
  group.setCpu(spec.limits.vcpus);
  return containerJail({
    id: spec.id,
    pid,
    ended,
    stdout: stdout.readable,
    stderr: stderr.readable,
    group,
    limits: spec.limits,
    hasTree: spec.tree !== undefined,
    sockets,
    mountTree,
    mountTmp: (tmpMB) => home.mount(tmpMB),
    keepTmp: keep,
    launcher,
    connect: (port) => connectInside(network, port),
    connection,
    holdings,
    report: host.report,
    onGone,
  });
}

/** `onGone` is called when the jail has been destroyed, and never if the start fails: then nothing is left of it. */
export function createJail(host: JailHost, spec: JailSpec, onGone: () => void): Promise<Jail> {
  return startHolding(`jail ${spec.id}`, (holdings) => start(host, spec, holdings, onGone));
}
