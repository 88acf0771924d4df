/** An OCI image layout: `index.json`, and blobs by their digests. */
import { ImageRefusal } from "../../contract.ts";
import type { ImageRepository } from "../contract.ts";
import { hexOf, isDigest, parseJson } from "../manifest.ts";
import { wholeFile, type ImageFiles } from "./files.ts";

/** Tools write the tag alone, or the whole name, which ends with it. */
const NAME = "org.opencontainers.image.ref.name";
/** containerd's, in what `docker save` writes. */
const WHOLE_NAME = "io.containerd.image.name";

type Json = Readonly<Record<string, unknown>>;

function blobPath(digest: string): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

export function layoutRepository(files: ImageFiles): Omit<ImageRepository, "close"> {
  async function blob(digest: string): Promise<AsyncIterable<Uint8Array>> {
    if (!isDigest(digest) || !(await files.has(blobPath(digest)))) {
      throw new ImageRefusal("missing", `the image layout has no ${digest}`);
    }
    return files.stream(blobPath(digest));
  }

  async function find(reference: string): Promise<string> {
    if (isDigest(reference)) return reference;
    const { manifests } = parseJson(await wholeFile(files, "index.json"));
    const entries = (Array.isArray(manifests) ? manifests : []) as Json[];
    const found = entries.find((entry) => tagsOf(entry).includes(reference)) ?? onlyUnnamed(entries);
    const digest = found?.["digest"];
    if (typeof digest === "string" && isDigest(digest)) return digest;
    throw new ImageRefusal("missing", `the image layout has no image with the tag ${reference}`);
  }

  return {
    async manifest(reference) {
      const digest = await find(reference);
      await blob(digest);
      const bytes = await wholeFile(files, blobPath(digest));
      const { mediaType, manifests } = parseJson(bytes);
      const kind = manifests === undefined ? "manifest" : "index";
      return {
        mediaType: typeof mediaType === "string" ? mediaType : `application/vnd.oci.image.${kind}.v1+json`,
        bytes,
      };
    },
    blob,
  };
}

function tagsOf({ annotations }: Json): string[] {
  const named = (annotations ?? {}) as Json;
  return [named[NAME], named[WHOLE_NAME]].flatMap((name) =>
    typeof name === "string" ? [name.split(":").at(-1) ?? ""] : [],
  );
}

/** The one image of a layout that does not name it. */
function onlyUnnamed(entries: readonly Json[]): Json | undefined {
  const [first, ...others] = entries;
  return others.length === 0 && first !== undefined && tagsOf(first).length === 0 ? first : undefined;
}
