/** Code of functions: what is stored of it, and the images that are made of that. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createArtifacts } from "../artifacts/artifacts.ts";
import type { Artifacts, Images } from "../artifacts/contract.ts";
import { openImageFiles } from "../artifacts/image-files.ts";
import { createImages } from "../artifacts/images/images.ts";
import { openPlaces, type OpenRepository } from "../artifacts/images/places.ts";
import { systemClock } from "../base/clock.ts";
import { instanceName, type Config } from "../config/index.ts";
import { mountMemoryDirectory } from "../sandbox/host/memory-directory.ts";
import type { Blobs } from "../store/contract.ts";

/** A program without libraries that reaps orphans and hands signals on: Debian's package tini has it. */
const INIT_PROGRAM = "/usr/bin/tini-static";

export async function openCode(
  config: Config,
  blobs: Blobs,
  opened: AsyncDisposableStack,
): Promise<{ artifacts: Artifacts; images: Images }> {
  const files = await openImageFiles({ ...(await placeOfImages(config, opened)), clock: systemClock });
  return {
    artifacts: createArtifacts({ blobs, files }),
    images: createImages({
      blobs,
      files,
      openRepository: openPlaces({ places: config.registries, credentialsFile: config.registryCredentials }),
      initProgram: INIT_PROGRAM,
    }),
  };
}

/** The catalogue of runtimes names registries that need no configuration. */
export function placesOfRuntimes({ registries, registryCredentials }: Config): OpenRepository {
  return openPlaces({ places: [...registries, { host: "*" }], credentialsFile: registryCredentials });
}

/** Unpacked code lies in memory. The bound is checked after each image, so that a little more than it may be there. */
async function placeOfImages(
  { stateDir, runDir, codeMemoryBytes }: Config,
  opened: AsyncDisposableStack,
): Promise<{ dir: string; maxBytes: number }> {
  const onDisk = join(stateDir, "artifacts");
  if (codeMemoryBytes === 0) return { dir: onDisk, maxBytes: Number.POSITIVE_INFINITY };
  await rm(onDisk, { recursive: true, force: true });
  const dir = join(runDir, `${instanceName(stateDir)}-code`);
  const memory = mountMemoryDirectory(dir);
  opened.defer(() => memory.close());
  return { dir, maxBytes: codeMemoryBytes };
}
