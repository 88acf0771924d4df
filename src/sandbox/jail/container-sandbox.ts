/** The isolation level `container`: the function's process on the host's kernel. */
import type { Sandbox } from "../contract.ts";
import type { GroundOptions } from "./ground.ts";
import { createJailSandbox } from "./jail-sandbox.ts";
import { containerRuntimes } from "./container-runtimes.ts";
import { chooseOciRuntime } from "./probe.ts";

export interface ContainerSandboxOptions extends GroundOptions {
  /** Names or paths of OCI runtimes; the first that passes the self-test is used. */
  ociRuntimes: readonly string[];
}

/** Cleans up after a killed Kiln of the same instance first. Needs root. */
export function createContainerSandbox(options: ContainerSandboxOptions): Promise<Sandbox> {
  return createJailSandbox(options, {
    level: "container",
    preboot: true,
    choose: (ground) =>
      chooseOciRuntime(
        options.ociRuntimes.flatMap((program) => containerRuntimes(program, ground.layout)),
        ground,
      ),
  });
}
