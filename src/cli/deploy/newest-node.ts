import { catalogue } from "../../artifacts/runtimes/catalogue.ts";

/** The newest Node.js runtime that Kiln can build and that is more than a preview: then AWS says when it ends. */
export function newestNode(): string {
  const versions = catalogue
    .filter(({ family, build, deprecated }) => family === "nodejs" && build !== undefined && deprecated !== undefined)
    .map(({ id }) => Number.parseInt(id.slice("nodejs".length), 10));
  return `nodejs${Math.max(...versions)}.x`;
}
