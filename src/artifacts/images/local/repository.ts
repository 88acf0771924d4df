/**
 * Images on disk, so that a machine without a registry can run them: below one directory, an image NAME is
 * - `NAME/`, an OCI image layout (https://github.com/opencontainers/image-spec/blob/main/image-layout.md), or
 * - `NAME.tar`, an archive of one, or what `docker save` and `podman save` write.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../../base/errors.ts";
import { ImageRefusal } from "../../contract.ts";
import type { ImageRepository } from "../contract.ts";
import { dockerArchive } from "./docker-archive.ts";
import { directoryFiles, tarFiles, type ImageFiles } from "./files.ts";
import { layoutRepository } from "./layout.ts";

/** @param name Of parts that are no `..`, as a reference has them. */
export function localRepository(directory: string, name: string): ImageRepository {
  const path = join(directory, name);
  let opened: Promise<{ files: ImageFiles; repository: Omit<ImageRepository, "close"> }> | undefined;
  const open = async () => {
    const files = await openFiles(path, name);
    try {
      const repository = (await files.has("index.json")) ? layoutRepository(files) : await dockerArchive(files);
      return { files, repository };
    } catch (error) {
      await files.close();
      throw error;
    }
  };
  return {
    manifest: async (reference) => (await (opened ??= open())).repository.manifest(reference),
    blob: async (digest) => (await (opened ??= open())).repository.blob(digest),
    async close() {
      await (await opened?.catch(() => undefined))?.files.close();
    },
  };
}

async function openFiles(path: string, name: string): Promise<ImageFiles> {
  if ((await kindOf(path)) === "directory") return directoryFiles(path);
  if ((await kindOf(`${path}.tar`)) === "file") return tarFiles(`${path}.tar`);
  throw new ImageRefusal("missing", `there is neither an image layout ${path} nor an archive ${name}.tar`);
}

async function kindOf(path: string): Promise<"directory" | "file" | undefined> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? "directory" : found.isFile() ? "file" : undefined;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}
