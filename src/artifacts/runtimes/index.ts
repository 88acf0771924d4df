/** What the composition root and the command line use of this folder. */
export { buildRuntimes, type BuildOptions, type BuildProgress, type BuildResult } from "./build.ts";
export { createRuntimes, type RuntimesOptions } from "./runtimes.ts";
