/** A reference → what the image consists of. */
import { createHash } from "node:crypto";
import { ImageRefusal, type StoredArtifact } from "../contract.ts";
import type { ImageRepository } from "./contract.ts";
import { MAX_DOCUMENT_BYTES, type ImageLimits } from "./limits.ts";
import {
  INDEX_TYPES,
  MANIFEST_TYPES,
  UnsupportedMediaType,
  hexOf,
  manifestFor,
  parseJson,
  parseManifest,
  parseSettings,
  type Manifest,
} from "./manifest.ts";
import { badImage } from "./refusal.ts";
import { resolvedUri, type ImageReference } from "./reference.ts";

export interface ResolveOptions {
  uri: string;
  reference: ImageReference;
  repository: ImageRepository;
  /** AWS's word. */
  architecture: string;
  limits: ImageLimits;
}

/** As images name what AWS calls `x86_64`. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "amd64", arm64: "arm64" };

export async function resolveImage(options: ResolveOptions): Promise<StoredArtifact> {
  const { uri, reference, repository, limits } = options;
  const architecture = ARCHITECTURES[options.architecture] ?? options.architecture;
  try {
    const { manifest, digest } = await findManifest(repository, reference, architecture);
    const settings = parseSettings(parseJson(await configuration(repository, manifest)));
    if (settings.os !== "linux" || settings.architecture !== architecture) {
      throw new ImageRefusal("architecture", `is for ${settings.os}/${settings.architecture}`);
    }
    if (settings.diffIds.length !== manifest.layers.length) throw badImage("its configuration has other layers");
    if (manifest.layers.reduce((sum, { size }) => sum + size, 0) > limits.unpackedBytes) {
      throw badImage(`it has more than ${limits.unpackedBytes} bytes`);
    }
    const { entryPoint, command, workingDirectory, environment } = settings;
    return {
      blob: hexOf(digest),
      codeSha256: hexOf(digest),
      size: 0,
      unzippedSize: 0,
      image: {
        uri,
        resolvedUri: resolvedUri(reference, digest),
        layers: manifest.layers.map(({ digest: layer, size }, index) => ({
          blob: hexOf(layer),
          size,
          diffId: settings.diffIds[index] ?? "",
        })),
        entryPoint,
        command,
        workingDirectory,
        environment,
      },
    };
  } catch (error) {
    if (!(error instanceof UnsupportedMediaType)) throw error;
    throw new ImageRefusal("media-type", `has the media type ${error.message}`, error);
  }
}

async function findManifest(
  repository: ImageRepository,
  { tag = "", digest: wanted }: ImageReference,
  architecture: string,
): Promise<{ manifest: Manifest; digest: string }> {
  const first = await repository.manifest(wanted ?? tag);
  const digest = digestOf(first.bytes);
  if (wanted !== undefined && wanted !== digest)
    throw badImage("the registry hands out another manifest than asked for");
  if (!INDEX_TYPES.includes(first.mediaType)) return { manifest: manifestOf(first), digest };
  const chosen = manifestFor(parseJson(first.bytes), architecture);
  if (chosen === undefined) throw new ImageRefusal("architecture", `has no image for linux/${architecture}`);
  const second = await repository.manifest(chosen.digest);
  if (digestOf(second.bytes) !== chosen.digest)
    throw badImage("the registry hands out another manifest than asked for");
  return { manifest: manifestOf(second), digest: chosen.digest };
}

function manifestOf({ mediaType, bytes }: { mediaType: string; bytes: Buffer }): Manifest {
  if (!MANIFEST_TYPES.includes(mediaType)) throw new UnsupportedMediaType(mediaType);
  return parseManifest(parseJson(bytes));
}

async function configuration(repository: ImageRepository, { config }: Manifest): Promise<Buffer> {
  if (config.size > MAX_DOCUMENT_BYTES) throw badImage("its configuration is too large");
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of await repository.blob(config.digest)) {
    size += piece.byteLength;
    if (size > config.size) break;
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  if (size !== config.size || digestOf(bytes) !== config.digest) {
    throw badImage("its configuration is not what its manifest says");
  }
  return bytes;
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
