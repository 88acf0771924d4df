/** What an environment runs: a managed runtime, which looks for the function's code, or the program of a container image. */
import type { RuntimeImage } from "../../artifacts/contract.ts";
import type { Sandbox } from "../../sandbox/contract.ts";
import type { Assignment } from "../contract.ts";

export interface Program {
  rootImage: string;
  argv: readonly string[];
  /** Variables of the runtime or the image: a function's configuration comes over them. */
  env: Readonly<Record<string, string>>;
  /** Present for a container image. */
  workingDirectory?: string;
  /** Names of the external extensions that come along. */
  extensions: readonly string[];
  /** As the INIT_START line has them; absent for a container image. */
  runtime?: { version: string; arn: string };
}

/** Where a layer has external extensions, which appears at /opt; and where an image has them. */
const EXTENSIONS_IN_LAYER = "extensions";
const EXTENSIONS_IN_IMAGE = "opt/extensions";

/**
 * AWS gives nothing else to a container image: seen in a function of an Alpine image, which had Docker's PATH and no LANG,
 * TZ or LD_LIBRARY_PATH.
 */
const imageDefaults: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
};

export function managedProgram(image: RuntimeImage, { tree: { layers } }: Assignment, sandbox: Sandbox): Program {
  return {
    rootImage: image.image,
    argv: image.argv,
    env: image.env,
    extensions: layers === undefined ? [] : sandbox.filesIn(layers, EXTENSIONS_IN_LAYER),
    runtime: { version: runtimeVersion(image.id), arn: image.versionArn },
  };
}

export function imageProgram({ image }: Required<Pick<Assignment, "image">>, sandbox: Sandbox): Program {
  return {
    rootImage: image.root,
    argv: image.argv,
    env: { ...imageDefaults, ...image.environment, AWS_EXECUTION_ENV: "AWS_Lambda_Image" },
    workingDirectory: image.workingDirectory,
    extensions: sandbox.filesIn(image.root, EXTENSIONS_IN_IMAGE),
  };
}

/** `nodejs24.x` → `nodejs:24`, `provided.al2023` → `provided:al2023`, as AWS's INIT_START line begins. */
function runtimeVersion(id: string): string {
  const parts = /^([a-z]+)\.?(\S+?)(?:\.x)?$/.exec(id);
  return parts === null ? id : `${parts[1]}:${parts[2]}`;
}
