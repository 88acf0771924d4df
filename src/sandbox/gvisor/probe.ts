/** Whether gVisor runs Kiln's jails on this host, and how: shown by running one. */
import type { OciRuntime } from "../jail/oci-runtime.ts";
import type { OciRuntimeProbe } from "../jail/probe.ts";
import { GENERATIONS, PLATFORM, runsc } from "./runsc.ts";

/**
 * runsc adjusts its kernel's OOM score after the start. Where the guest has ended by then, as the self-test's does at once,
 * it may find that it has no right to, and fails.
 */
const ATTEMPTS = 3;
const ENDED_TOO_SOON = "oom_score_adj";

export type GvisorProbe =
  | { ok: true; platform: string; runtime: OciRuntime }
  | {
      ok: false;
      /** For each generation. */
      reason: string;
    };

/** The first way that works. @param probe Runs a jail with an OCI runtime. */
export async function probeGvisor(
  program: string,
  probe: (runtime: OciRuntime) => Promise<OciRuntimeProbe>,
): Promise<GvisorProbe> {
  const reasons: string[] = [];
  for (const options of GENERATIONS) {
    const runtime = runsc(program, options);
    let found = await probe(runtime);
    for (let attempt = 1; attempt < ATTEMPTS && found.reason.includes(ENDED_TOO_SOON); attempt += 1) {
      found = await probe(runtime);
    }
    if (found.ok) return { ok: true, platform: PLATFORM, runtime };
    reasons.push([...options, found.reason].join(": "));
  }
  return { ok: false, reason: reasons.join("; ") };
}
