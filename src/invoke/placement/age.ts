import type { Clock } from "../../base/clock.ts";
import type { Environment } from "../../worker/contract.ts";

/** Part of the maximum age over which the ends of environments are spread: those started together go one after the other. */
const SPREAD = 0.1;

/** Says whether an environment should take no more calls: for its age, or for what calls have cost it. */
export function createAge(maxAgeMs: number, clock: Clock): (environment: Environment) => boolean {
  return ({ id, createdAt, worn }) => {
    if (worn) return true;
    const share = Number.parseInt(id.slice(0, 4), 16) / 0x1_0000;
    const earlierMs = Number.isNaN(share) ? 0 : maxAgeMs * SPREAD * share;
    return clock() - createdAt >= maxAgeMs - earlierMs;
  };
}
