import { catalogue } from "../../artifacts/runtimes/catalogue.ts";

/** The newest Node.js runtime that Kiln can build. */
export function newestNode(): string {
  const versions = catalogue
    .filter(({ family, build }) => family === "nodejs" && build !== undefined)
    .map(({ id }) => Number.parseInt(id.slice("nodejs".length), 10));
  return `nodejs${Math.max(...versions)}.x`;
}
