/** The OCI runtimes that run a function's process on the host's kernel, crun and runc, in the ways in which they are tried. */
import { basename, join } from "node:path";
import type { CgroupLayout } from "../host/cgroups/layout.ts";
import { openMountView, type MountView } from "../host/mount-view.ts";
import { sealedCopy } from "../host/sealed-program.ts";
import { jailConfig, type JailDescription } from "./config.ts";
import type { OciConfig } from "./oci-config.ts";
import type { OciRuntime } from "./oci-runtime.ts";
import { SHARED_DIR } from "./shared-place.ts";

/**
 * crun of Debian 12 does not take along what is mounted below a directory that it binds, whatever it is told. Where a newer one
 * does, the same lies over itself.
 */
function crunConfig(jail: JailDescription): OciConfig {
  const config = jailConfig(jail);
  const { shared } = jail.dirs;
  if (shared === undefined) return config;
  const below = shared.names.map((name) => ({
    source: join(shared.dir, name),
    destination: join(SHARED_DIR, name),
    type: "bind",
    options: ["bind", "slave", "nosuid", "nodev"],
  }));
  return {
    ...config,
    mounts: config.mounts.flatMap((mount) => (mount.destination === SHARED_DIR ? [mount, ...below] : [mount])),
  };
}

function isCrun(program: string): boolean {
  return basename(program) === "crun";
}

function plain(program: string): OciRuntime {
  const sealed = sealedCopy(program);
  return {
    program,
    options: [],
    describe: isCrun(program) ? crunConfig : jailConfig,
    ...(sealed === undefined ? {} : { file: sealed.path }),
    close: () => sealed?.close(),
  };
}

/**
 * On a hybrid host crun refuses to start while the cgroup2 tree has a controller, also one that it would never use. Where it
 * does not see that tree, it uses the v1 trees, which are the ones with the controllers that limit a jail.
 */
function withoutCgroup2(program: string, tree: string): OciRuntime {
  const runtime = plain(program);
  let view: Promise<MountView> | undefined;
  return {
    ...runtime,
    way: "with the cgroups of version 1 alone",
    async prepare() {
      // Not before the run directory is mounted: what is mounted there later appears in the view as well.
      view ??= openMountView(tree);
      return { before: ["nsenter", `--mount=${(await view).path}`, "--"] };
    },
    close() {
      runtime.close?.();
      view?.then(
        (opened) => opened.close(),
        () => undefined,
      );
    },
  };
}

/** Whoever asks closes them. In the order in which they are to be tried. */
export function containerRuntimes(program: string, layout: CgroupLayout): OciRuntime[] {
  const tree = isCrun(program) ? layout.treeBeside : undefined;
  return [plain(program), ...(tree === undefined ? [] : [withoutCgroup2(program, tree)])];
}
