/** Container images that tests make themselves, as OCI image layouts. */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { sharedImages } from "./image-folder.ts";

export interface ImageConfigFile {
  Entrypoint?: string[];
  Cmd?: string[];
  WorkingDir?: string;
  Env?: string[];
  User?: string;
}

/** A layer's bytes, or the file that has them. */
export type Layer = Buffer | { file: string };

export interface LayoutOptions {
  layers: readonly Layer[];
  config?: ImageConfigFile;
  tag?: string;
  /** As images name it. Default: the machine's. */
  architecture?: string;
  os?: string;
  /** What the index and the manifest say instead of what is right. */
  layerType?: string;
  diffIds?: string[];
}

export interface Layout {
  /** `sha256:…` of the manifest. */
  digest: string;
  layers: string[];
}

const machine = process.arch === "arm64" ? "arm64" : "amd64";

/** Makes the layout in `dir`, beside the images that are there already. */
export function writeLayout(dir: string, options: LayoutOptions): Layout {
  const { layers, config = {}, tag = "latest", architecture = machine, os = "linux" } = options;
  const blobs = join(dir, "blobs/sha256");
  mkdirSync(blobs, { recursive: true });
  const put = (content: Buffer, mediaType: string) => {
    const digest = sha256(content);
    writeFileSync(join(blobs, digest), content);
    return { mediaType, digest: `sha256:${digest}`, size: content.length };
  };
  const stored = layers.map((layer) => {
    const content = Buffer.isBuffer(layer) ? layer : readFileSync(layer.file);
    const { kind, clear } = unpacked(content);
    const mediaType = options.layerType ?? `application/vnd.oci.image.layer.v1.tar${kind}`;
    if (Buffer.isBuffer(layer)) return { ...put(content, mediaType), diffId: `sha256:${sha256(clear)}` };
    const digest = sha256(content);
    copyFileSync(layer.file, join(blobs, digest));
    return { mediaType, digest: `sha256:${digest}`, size: content.length, diffId: `sha256:${sha256(clear)}` };
  });
  const configFile = put(
    json({
      architecture,
      os,
      config,
      rootfs: { type: "layers", diff_ids: options.diffIds ?? stored.map(({ diffId }) => diffId) },
    }),
    "application/vnd.oci.image.config.v1+json",
  );
  const manifest = put(
    json({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: configFile,
      layers: stored.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    }),
    "application/vnd.oci.image.manifest.v1+json",
  );
  const index = join(dir, "index.json");
  const before = existsSync(index)
    ? (JSON.parse(readFileSync(index, "utf8")) as { manifests: { annotations: Record<string, string> }[] }).manifests
    : [];
  const others = before.filter(({ annotations }) => annotations[REF_NAME] !== tag);
  writeFileSync(
    index,
    json({ schemaVersion: 2, manifests: [...others, { ...manifest, annotations: { [REF_NAME]: tag } }] }),
  );
  writeFileSync(join(dir, "oci-layout"), json({ imageLayoutVersion: "1.0.0" }));
  return { digest: manifest.digest, layers: stored.map(({ digest }) => digest) };
}

const REF_NAME = "org.opencontainers.image.ref.name";

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function unpacked(content: Buffer): { kind: string; clear: Buffer } {
  if (content[0] === 0x1f && content[1] === 0x8b) return { kind: "+gzip", clear: gunzipSync(content) };
  if (content.length > 4 && content.readUInt32LE() === 0xfd2fb528) {
    return { kind: "+zstd", clear: zstdDecompressSync(content) };
  }
  return { kind: "", clear: content };
}

/** Debian's user space with a shell and curl, as set-up has made it for the images of runtimes; a tar archive. */
export function userSpace(): Layer {
  const dir = process.env["KILN_RUNTIMES"] ?? sharedImages;
  const name = readdirSync(dir).find((each) => /^base-.*\.tar$/.test(each));
  if (name === undefined) throw new Error(`There is no base-….tar in ${dir}: npm run setup`);
  return { file: join(dir, name) };
}
