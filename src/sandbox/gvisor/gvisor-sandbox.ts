/** The isolation level `gvisor`: the function's process on gVisor's kernel, which is a process of the host. */
import type { Sandbox } from "../contract.ts";
import type { GroundOptions } from "../jail/ground.ts";
import { createJailSandbox } from "../jail/jail-sandbox.ts";
import { chooseOciRuntime } from "../jail/probe.ts";
import { PLATFORMS, runsc } from "./runsc.ts";

export interface GvisorSandboxOptions extends GroundOptions {
  /** Name or path of gVisor's OCI runtime. */
  program?: string;
}

/** Cleans up after a killed Kiln of the same instance first. Needs root. */
export function createGvisorSandbox({ program = "runsc", ...options }: GvisorSandboxOptions): Promise<Sandbox> {
  return createJailSandbox(options, {
    level: "gvisor",
    preboot: false,
    choose: (ground) =>
      chooseOciRuntime(
        PLATFORMS.map((platform) => runsc(program, platform)),
        ground,
      ),
  });
}
