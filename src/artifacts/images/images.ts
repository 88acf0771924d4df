/**
 * Container images of functions: found in their registry, their layers pulled and kept as blobs, and made into one
 * read-only root file system.
 *
 * A layer's blob has the layer's digest for its id, so images that share layers share them here, and what a registry
 * hands out is checked by storing it. Whatever cuts layers up in another way one day (into chunks that many images share)
 * takes the place of `pull` and of `OpenLayer`; the tree and the image are made as they are now.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { KilnError } from "../../base/errors.ts";
import type { Blobs } from "../../store/contract.ts";
import { ImageRefusal, type ImageLayer, type Images, type StoredImage } from "../contract.ts";
import type { ImageFiles } from "../image-files.ts";
import type { ImageRepository } from "./contract.ts";
import { imageEntries } from "./entries.ts";
import { flatten, type OpenLayer } from "./flatten.ts";
import { OWN, addJailRoot } from "./image-root.ts";
import { defaultImageLimits, type ImageLimits } from "./limits.ts";
import type { OpenRepository } from "./places.ts";
import { parseReference, type ImageReference } from "./reference.ts";
import { resolveImage } from "./resolve.ts";
import { directoryAt, pathParts } from "./tree.ts";

export interface ImagesOptions {
  /** The same as those of the artifacts. */
  blobs: Blobs;
  files: ImageFiles;
  openRepository: OpenRepository;
  /** The program that is the first process of a jail. It needs no libraries. */
  initProgram: string;
  limits?: ImageLimits;
}

/** Layers that are pulled at once. */
const PARALLEL = 3;

export function createImages(options: ImagesOptions): Images {
  const { blobs, files, openRepository, initProgram, limits = defaultImageLimits } = options;

  const stopped = new AbortController();

  /** What `stop` ends, ends in one way, wherever it was. */
  async function stoppable<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      if (!stopped.signal.aborted) throw error;
      throw new KilnError("PULL_STOPPED", "An image was not pulled to its end.", { cause: error });
    }
  }

  function open(uri: string) {
    const reference = parseReference(uri);
    if (reference === undefined) throw new ImageRefusal("reference", "is no image with a tag or a digest");
    const repository = openRepository(reference, { maxBlobBytes: limits.unpackedBytes, signal: stopped.signal });
    if (repository === undefined) throw foreign(reference);
    return { reference, repository };
  }

  async function missingLayers({ layers }: StoredImage): Promise<ImageLayer[]> {
    const missing = new Map<string, ImageLayer>();
    for (const layer of layers) if ((await blobs.get(layer.blob)) === undefined) missing.set(layer.blob, layer);
    return [...missing.values()];
  }

  async function pullLayer(repository: ImageRepository, layer: ImageLayer): Promise<void> {
    const content = await repository.blob(`sha256:${layer.blob}`);
    await blobs.put(Readable.from(verified(content, layer), { objectMode: false }), { maxBytes: layer.size });
  }

  const openLayer = ({ blob, diffId }: ImageLayer): OpenLayer => ({
    diffId,
    async open() {
      const found = await blobs.get(blob);
      if (found === undefined) throw new KilnError("LAYER_MISSING", `The layer ${blob} has not been pulled.`);
      return found.stream();
    },
  });

  async function build(target: string, image: StoredImage): Promise<void> {
    const layers = image.layers.map(openLayer);
    const { root, bytes } = await flatten(layers, limits);
    if (bytes > files.maxBytes) throw noRoom(bytes, files.maxBytes);
    const init = await readInit(initProgram);
    // As container engines do. Many images name one that none of their layers has.
    directoryAt(root, pathParts(image.workingDirectory), OWN);
    const own = addJailRoot(root, init);
    const content = imageEntries(root, { layers, own });
    try {
      await files.write(content.entries, async () => target);
    } finally {
      await content.close();
    }
  }

  return {
    stop: () => stopped.abort(),

    async resolve(uri, architecture) {
      const { reference, repository } = open(uri);
      try {
        return await stoppable(() => resolveImage({ uri, reference, repository, architecture, limits }));
      } finally {
        await repository.close();
      }
    },

    async pull(image) {
      const left = await missingLayers(image);
      // A registry that is gone is no matter for what has been pulled.
      if (left.length === 0) return;
      const { repository } = open(image.resolvedUri);
      try {
        const worker = async (): Promise<void> => {
          for (let layer = left.shift(); layer !== undefined; layer = left.shift()) await pullLayer(repository, layer);
        };
        const outcomes = await Promise.allSettled(Array.from({ length: PARALLEL }, worker));
        await stoppable(async () => {
          for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
        });
      } finally {
        await repository.close();
      }
    },

    prepare({ blob, image }) {
      if (image === undefined) throw new TypeError("not a container image");
      return files.prepared(blob, () => build(blob, image));
    },
  };
}

/** Ends with an error where the layer is another one, so that it is not stored. */
async function* verified(content: AsyncIterable<Uint8Array>, layer: ImageLayer): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const piece of content) {
    size += piece.byteLength;
    if (size > layer.size) break;
    hash.update(piece);
    yield piece;
  }
  if (size !== layer.size || hash.digest("hex") !== layer.blob) {
    throw new ImageRefusal(
      "invalid",
      `the layer sha256:${layer.blob} is not what the registry hands out under that name`,
    );
  }
}

async function readInit(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new KilnError("INIT_MISSING", `Jails of container images begin with ${path}, which is not here.`, {
      hint: "apt-get install tini",
      cause,
    });
  }
}

function foreign({ host }: ImageReference): ImageRefusal {
  return new ImageRefusal("foreign", `Kiln pulls no images from ${host}: KILN_REGISTRIES does not name it`);
}

function megabytes(size: number): number {
  return Math.ceil(size / 1024 ** 2);
}

function noRoom(bytes: number, most: number): KilnError {
  return new KilnError(
    "IMAGE_TOO_LARGE_HERE",
    `The image has ${megabytes(bytes)} MB unpacked, and unpacked code may take ${megabytes(most)} MB of this machine's memory.`,
    { hint: "KILN_CODE_MEMORY_MB sets that; 0 keeps unpacked code on disk, in the clear." },
  );
}
