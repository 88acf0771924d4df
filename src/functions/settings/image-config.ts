/** What a function of a container image runs instead of what the image says. */
import type { ImageConfig } from "@aws-sdk/client-lambda";
import { invalidParameter } from "../errors.ts";

/** Empty members are as if they were not there; with nothing left, the image decides. Throws AWS's errors. */
export function chosenImageConfig(asked: ImageConfig): ImageConfig | undefined {
  const { EntryPoint, Command, WorkingDirectory } = asked;
  for (const text of [...(EntryPoint ?? []), ...(Command ?? []), WorkingDirectory ?? ""]) {
    if (text.includes("\0")) throw invalidParameter("ImageConfig contains a null character.");
  }
  if (WorkingDirectory && !WorkingDirectory.startsWith("/")) {
    throw invalidParameter("ImageConfig.WorkingDirectory must be an absolute path.");
  }
  const config: ImageConfig = {
    ...(EntryPoint?.length ? { EntryPoint } : {}),
    ...(Command?.length ? { Command } : {}),
    ...(WorkingDirectory ? { WorkingDirectory } : {}),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}
