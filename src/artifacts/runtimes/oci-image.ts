/**
 * A runtime's image out of an image of a registry, which need not be unpacked to be written. The family's bootstrap comes
 * over it, where Kiln has one; else the image has its own.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { KilnError } from "../../base/errors.ts";
import { ImageRefusal, type ImageLayer } from "../contract.ts";
import { writeImage } from "../erofs/write-image.ts";
import type { ImageRepository } from "../images/contract.ts";
import { imageEntries } from "../images/entries.ts";
import { flatten, type OpenLayer } from "../images/flatten.ts";
import { addRuntimeRoot } from "../images/image-root.ts";
import { defaultImageLimits } from "../images/limits.ts";
import type { OpenRepository } from "../images/places.ts";
import { parseReference } from "../images/reference.ts";
import { resolveImage } from "../images/resolve.ts";
import type { Arch, OciBuild } from "./builds.ts";
import { bootstrapFiles } from "./recipe.ts";

export interface OciImageOptions {
  id: string;
  family: string;
  build: OciBuild;
  arch: Arch;
  /** A directory of this build alone. */
  work: string;
  openRepository: OpenRepository;
  onStep: (step: string) => void;
  signal?: AbortSignal | undefined;
}

/** AWS's word for the machine. */
const AWS_ARCH: Readonly<Record<Arch, string>> = { x64: "x86_64", arm64: "arm64" };
const INIT_PROGRAM = "/usr/bin/tini-static";

/** Writes the image to `path`. Throws KilnError OCI_IMAGE, REGISTRY_…, INIT_MISSING. */
export async function writeOciImage(path: string, options: OciImageOptions): Promise<void> {
  const { id, build, arch, work, openRepository, onStep, signal = new AbortController().signal } = options;
  const limits = defaultImageLimits;
  const reference = parseReference(build.oci);
  const repository = reference && openRepository(reference, { maxBlobBytes: limits.unpackedBytes, signal });
  if (reference === undefined || repository === undefined) throw unusable(id, build, "it names no registry");
  try {
    onStep(`image ${build.oci}`);
    const { image } = await resolveImage({
      uri: build.oci,
      reference,
      repository,
      architecture: AWS_ARCH[arch],
      limits,
    });
    const layers: OpenLayer[] = [];
    for (const layer of image?.layers ?? []) layers.push(await pulled(layer, repository, work));
    onStep("assembling");
    const { root } = await flatten(layers, limits);
    const own = addRuntimeRoot(root, { init: await initProgram(), bootstrap: await bootstrapOf(options.family) });
    const content = imageEntries(root, { layers, own });
    onStep("writing the image");
    const file = await open(path, "w", 0o644);
    try {
      await writeImage(file, content.entries);
    } finally {
      await content.close();
      await file.close();
    }
  } catch (error) {
    throw error instanceof ImageRefusal ? unusable(id, build, error.message, error) : error;
  } finally {
    await repository.close();
  }
}

/** Keeps the layer in a file, which is its own only when it is whole. */
async function pulled(
  { blob, size, diffId }: ImageLayer,
  repository: ImageRepository,
  work: string,
): Promise<OpenLayer> {
  const dir = join(work, "layers");
  await mkdir(dir, { recursive: true });
  const path = join(dir, blob);
  const hash = createHash("sha256");
  let left = size;
  const file = await open(path, "w", 0o600);
  try {
    for await (const piece of await repository.blob(`sha256:${blob}`)) {
      left -= piece.byteLength;
      if (left < 0) break;
      hash.update(piece);
      await file.writeFile(piece);
    }
  } finally {
    await file.close();
  }
  if (left !== 0 || hash.digest("hex") !== blob) {
    throw new ImageRefusal("invalid", `the layer sha256:${blob} is not what the registry hands out under that name`);
  }
  return { diffId, open: async () => createReadStream(path, { highWaterMark: 1024 * 1024 }) };
}

async function initProgram(): Promise<Buffer> {
  try {
    return await readFile(INIT_PROGRAM);
  } catch (cause) {
    throw new KilnError("INIT_MISSING", `Jails of such an image begin with ${INIT_PROGRAM}, which is not here.`, {
      hint: "apt-get install tini",
      cause,
    });
  }
}

async function bootstrapOf(family: string): Promise<{ name: string; content: Buffer; mode: number }[]> {
  return Promise.all(
    bootstrapFiles(family).map(async ({ name, path }) => ({
      name,
      content: await readFile(path),
      mode: name === "bootstrap" ? 0o755 : 0o644,
    })),
  );
}

function unusable(id: string, { oci }: OciBuild, reason: string, cause?: unknown): KilnError {
  return new KilnError("OCI_IMAGE", `The image of ${id}, ${oci}, cannot be used: ${reason}.`, {
    hint: "KILN_REGISTRIES says where registries are, KILN_REGISTRY_CONFIG has credentials.",
    cause,
  });
}
