/**
 * Indexes, manifests and configurations of images: what Kiln needs of them, checked
 * (https://github.com/opencontainers/image-spec: `image-index.md`, `manifest.md`, `config.md`; Docker's of version 2, schema 2).
 */
import { MAX_LAYERS, MAX_VARIABLES_BYTES } from "./limits.ts";
import { badImage } from "./refusal.ts";

export interface Descriptor {
  mediaType: string;
  /** `sha256:…` */
  digest: string;
  size: number;
}

export interface Manifest {
  config: Descriptor;
  layers: Descriptor[];
}

/** Members that matter of an image's configuration. */
export interface ImageSettings {
  architecture: string;
  os: string;
  entryPoint: string[];
  command: string[];
  workingDirectory: string;
  environment: Record<string, string>;
  /** Of each layer, unpacked; lower-case hex. */
  diffIds: string[];
}

export const MANIFEST_TYPES: readonly string[] = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
export const INDEX_TYPES: readonly string[] = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const CONFIG_TYPES: readonly string[] = [
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
];
const LAYER_TYPES: readonly string[] = [
  "application/vnd.oci.image.layer.v1.tar",
  "application/vnd.oci.image.layer.v1.tar+gzip",
  "application/vnd.oci.image.layer.v1.tar+zstd",
  "application/vnd.docker.image.rootfs.diff.tar",
  "application/vnd.docker.image.rootfs.diff.tar.gzip",
  "application/vnd.docker.image.rootfs.diff.tar.zstd",
];
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** What AWS calls media types that it does not take. */
export class UnsupportedMediaType extends Error {}

type Json = Readonly<Record<string, unknown>>;

export function parseJson(bytes: Uint8Array): Json {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch (error) {
    throw badImage("its manifest or configuration is no JSON", error);
  }
  if (!isObject(value)) throw badImage("its manifest or configuration is no JSON object");
  return value;
}

/** The manifest of an index that fits this architecture (`amd64`, `arm64`); undefined where none does. */
export function manifestFor(index: Json, architecture: string): Descriptor | undefined {
  const manifests = index["manifests"];
  if (!Array.isArray(manifests)) throw badImage("its index has no manifests");
  for (const entry of manifests as unknown[]) {
    if (!isObject(entry) || !isObject(entry["platform"])) continue;
    const { os, architecture: its } = entry["platform"];
    const descriptor = descriptorOf(entry);
    if (os === "linux" && its === architecture && MANIFEST_TYPES.includes(descriptor.mediaType)) return descriptor;
  }
  // An index of one image need not say what it is for; that image's configuration will.
  const [only, ...others] = manifests as unknown[];
  if (others.length > 0 || !isObject(only) || only["platform"] !== undefined) return undefined;
  return descriptorOf(only);
}

export function parseManifest(manifest: Json): Manifest {
  const { config, layers } = manifest;
  if (!isObject(config) || !Array.isArray(layers)) throw badImage("its manifest has no configuration or no layers");
  if (layers.length === 0 || layers.length > MAX_LAYERS) throw badImage(`it has ${layers.length} layers`);
  const parsed: Manifest = {
    config: descriptorOf(config),
    layers: layers.map((layer: unknown) => descriptorOf(isObject(layer) ? layer : {})),
  };
  requireType(parsed.config, CONFIG_TYPES);
  for (const layer of parsed.layers) requireType(layer, LAYER_TYPES);
  return parsed;
}

export function parseSettings(document: Json): ImageSettings {
  const { architecture, os, rootfs } = document;
  const config = isObject(document["config"]) ? document["config"] : {};
  const diffIds = isObject(rootfs) ? texts(rootfs["diff_ids"]) : [];
  if (typeof architecture !== "string" || typeof os !== "string" || !diffIds.every((id) => DIGEST.test(id))) {
    throw badImage("its configuration is not one of a container image");
  }
  return {
    architecture,
    os,
    entryPoint: texts(config["Entrypoint"]),
    command: texts(config["Cmd"]),
    workingDirectory: typeof config["WorkingDir"] === "string" ? config["WorkingDir"] : "",
    environment: variables(texts(config["Env"])),
    diffIds: diffIds.map(hexOf),
  };
}

/** `sha256:abc…` → `abc…` */
export function hexOf(digest: string): string {
  return digest.slice("sha256:".length);
}

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

function requireType({ mediaType }: Descriptor, known: readonly string[]): void {
  if (!known.includes(mediaType)) throw new UnsupportedMediaType(mediaType);
}

function descriptorOf({ mediaType, digest, size }: Json): Descriptor {
  if (typeof mediaType !== "string" || typeof digest !== "string" || typeof size !== "number") {
    throw badImage("its manifest is not one of a container image");
  }
  if (!DIGEST.test(digest) || !Number.isSafeInteger(size) || size < 0) {
    throw badImage("its manifest has a digest or a size that cannot be");
  }
  return { mediaType, digest, size };
}

function texts(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((each) => typeof each === "string" && !each.includes("\0"))) {
    throw badImage("its configuration has something else where a list of texts should be");
  }
  return value as string[];
}

function variables(lines: readonly string[]): Record<string, string> {
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  if (bytes > MAX_VARIABLES_BYTES) throw badImage(`its variables have more than ${MAX_VARIABLES_BYTES} bytes`);
  const named = lines.map((line): [string, string] => {
    const equals = line.indexOf("=");
    return equals < 0 ? [line, ""] : [line.slice(0, equals), line.slice(equals + 1)];
  });
  // Also one that is called __proto__.
  return Object.fromEntries(named.filter(([name]) => name !== ""));
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
