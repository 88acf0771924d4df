/**
 * What `docker save` wrote before it wrote image layouts, and `podman save` does still: `manifest.json` names the
 * configuration and the layers, which are not compressed. Such an archive has no manifest with a digest, so one is made.
 */
import { createHash } from "node:crypto";
import { ImageRefusal } from "../../contract.ts";
import type { ImageRepository } from "../contract.ts";
import { badImage } from "../refusal.ts";
import { wholeFile, type ImageFiles } from "./files.ts";

interface Listed {
  Config: string;
  RepoTags?: string[] | null;
  Layers: string[];
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

export async function dockerArchive(files: ImageFiles): Promise<Omit<ImageRepository, "close">> {
  if (!(await files.has("manifest.json"))) throw badImage("it has neither an index.json nor a manifest.json");
  const images = listed(await wholeFile(files, "manifest.json"));
  /** File by digest. */
  const names = new Map<string, string>();

  async function descriptor(
    name: string,
    mediaType: string,
  ): Promise<{ mediaType: string; digest: string; size: number }> {
    const hash = createHash("sha256");
    let size = 0;
    for await (const piece of await files.stream(name)) {
      hash.update(piece);
      size += piece.byteLength;
    }
    const digest = `sha256:${hash.digest("hex")}`;
    names.set(digest, name);
    return { mediaType, digest, size };
  }

  async function manifestOf(image: Listed): Promise<Buffer> {
    const config = await descriptor(image.Config, "application/vnd.oci.image.config.v1+json");
    const layers = [];
    for (const name of image.Layers) layers.push(await descriptor(name, "application/vnd.oci.image.layer.v1.tar"));
    return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config, layers }));
  }

  return {
    async manifest(reference) {
      for (const image of images) {
        const tags = (image.RepoTags ?? []).map((tag) => tag.split(":").at(-1));
        if (
          !reference.startsWith("sha256:") &&
          !tags.includes(reference) &&
          !(images.length === 1 && tags.length === 0)
        ) {
          continue;
        }
        const bytes = await manifestOf(image);
        const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
        if (!reference.startsWith("sha256:") || digest === reference) return { mediaType: MANIFEST, bytes };
      }
      throw new ImageRefusal("missing", `the archive has no image with the tag ${reference}`);
    },
    async blob(digest) {
      if (names.size === 0) for (const image of images) await manifestOf(image);
      const name = names.get(digest);
      if (name === undefined) throw new ImageRefusal("missing", `the archive has no ${digest}`);
      return files.stream(name);
    },
  };
}

function listed(bytes: Buffer): Listed[] {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    throw badImage("its manifest.json is no JSON", error);
  }
  const good = Array.isArray(value) && value.length > 0 && value.every(isListed);
  if (!good) throw badImage("its manifest.json is not one of docker save");
  return value as Listed[];
}

function texts(list: unknown): boolean {
  return Array.isArray(list) && list.every((each) => typeof each === "string");
}

function isListed(value: unknown): value is Listed {
  if (typeof value !== "object" || value === null) return false;
  const { Config, RepoTags, Layers } = value as Readonly<Record<string, unknown>>;
  return (
    typeof Config === "string" && texts(Layers) && (RepoTags === undefined || RepoTags === null || texts(RepoTags))
  );
}
