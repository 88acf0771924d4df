/** The catalogue, and the images that are ready on this machine. */
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";

import type { RuntimeImage, Runtimes } from "../contract.ts";
import { KilnError } from "../../base/errors.ts";
import type { OpenRepository } from "../images/places.ts";
import { buildRuntimes, hostArch, type BuildProgress } from "./build.ts";
import { catalogue } from "./catalogue.ts";
import { imageEnvironment } from "./environment.ts";
import { currentManifest } from "./manifest.ts";
import { imageKey } from "./recipe.ts";

/** Families whose bootstrap can wait for its function. */
const PREBOOTED: ReadonlySet<string> = new Set(["nodejs", "python", "ruby"]);

export interface RuntimesOptions {
  /** Where `buildRuntimes` puts images. */
  dir: string;
  /** URL of a Maven repository, for builds. Default: Maven Central. */
  mavenRepository?: string;
  /** Where images of registries are, for builds. Default: the registries themselves. */
  openRepository?: OpenRepository;
  /** Hears of the steps of builds that `ensure` starts. */
  onProgress?: (progress: BuildProgress) => void;
}

export interface OwnRuntimes extends Required<Runtimes> {
  /** Ends builds under way, whose callers get BUILD_STOPPED. */
  stopBuilding(): void;
  close(): void;
}

/**
 * Images that are built while this runs are found when they are first asked for. Every image handed out is held open
 * until `close`, which is what tells a build in another process that it is in use.
 */
export function createRuntimes({ dir, onProgress, mavenRepository, openRepository }: RuntimesOptions): OwnRuntimes {
  const entries = new Map(catalogue.map((entry) => [entry.id, entry]));
  const held = new Map<string, { image: RuntimeImage; fd: number }>();
  const find = (id: string): RuntimeImage | undefined => {
    const entry = entries.get(id);
    if (entry?.build === undefined) {
      return undefined;
    }
    const manifest = currentManifest(dir, id, imageKey(id, entry.family, entry.build, hostArch()));
    if (manifest === undefined) {
      return undefined;
    }
    const path = join(dir, manifest.image);
    const image: RuntimeImage = {
      id,
      image: path,
      env: imageEnvironment(id, entry.family),
      argv: ["/var/runtime/bootstrap"],
      versionArn: `arn:aws:lambda:us-east-1::runtime:${manifest.digest}`,
      preboot: PREBOOTED.has(entry.family),
    };
    held.set(id, { image, fd: openSync(path, "r") });
    return image;
  };
  const image = (id: string): RuntimeImage | undefined => held.get(id)?.image ?? find(id);
  const builds = new Map<string, Promise<RuntimeImage>>();
  const stop = new AbortController();
  async function built(id: string): Promise<RuntimeImage> {
    try {
      const { signal } = stop;
      await buildRuntimes({
        dir,
        ids: [id],
        signal,
        ...(mavenRepository === undefined ? {} : { mavenRepository }),
        ...(openRepository === undefined ? {} : { openRepository }),
        ...(onProgress === undefined ? {} : { onProgress }),
      });
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      throw new KilnError("BUILD_STOPPED", `The build of ${id} was stopped.`, { cause: error });
    }
    const found = image(id);
    if (found === undefined)
      throw new KilnError("IMAGE_GONE", `The image of ${id} was removed as soon as it was built.`);
    return found;
  }
  return {
    catalogue: () => catalogue,
    entry: (id) => entries.get(id),
    image,
    async ensure(id) {
      const found = image(id);
      if (found !== undefined) return found;
      const running = builds.get(id) ?? built(id).finally(() => builds.delete(id));
      builds.set(id, running);
      return running;
    },
    stopBuilding: () => stop.abort(),
    close() {
      for (const { fd } of held.values()) {
        closeSync(fd);
      }
      held.clear();
    },
  };
}
