/** The isolation level `gvisor`: the function's process on gVisor's kernel, which is a process of the host. */
import { KilnError } from "../../base/errors.ts";
import type { Sandbox } from "../contract.ts";
import type { GroundOptions } from "../jail/ground.ts";
import { createJailSandbox } from "../jail/jail-sandbox.ts";
import { probeRuntime } from "../jail/probe.ts";
import { probeGvisor } from "./probe.ts";

export interface GvisorSandboxOptions extends GroundOptions {
  /** Name or path of gVisor's OCI runtime. */
  program?: string;
}

/** Cleans up after a killed Kiln of the same instance first. Needs root. */
export function createGvisorSandbox({ program = "runsc", ...options }: GvisorSandboxOptions): Promise<Sandbox> {
  return createJailSandbox(options, {
    level: "gvisor",
    preboot: false,
    async choose(ground) {
      const probe = await probeGvisor(program, (runtime) => probeRuntime(runtime, ground));
      if (probe.ok) return probe.runtime;
      throw new KilnError("NO_GVISOR", `gVisor does not work on this host. ${probe.reason}`, {
        hint: "Install it (apt-get install runsc), or use --isolation container; kiln doctor shows what works.",
      });
    },
  });
}
