import { performance } from "node:perf_hooks";
import { newBucket, takeToken, type TokenBucket } from "../admission/token-bucket.ts";
import type { Fleet } from "./fleet.ts";

/**
 * How fast a function may grow: AWS lets each function have 1,000 more environments every 10 s, refilled all the time
 * (https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html).
 */
export interface Growth {
  /** Counts a call that finds no free environment. False: the function would grow too fast. */
  allows(fleet: Fleet): boolean;
  /** Forgets functions that have not grown of late. */
  sweep(): void;
}

/** @param per10s Infinite: no bound. */
export function createGrowth(per10s: number): Growth {
  /** By function, whatever the version. */
  const buckets = new Map<string, TokenBucket>();
  const perSecond = per10s / 10;

  return {
    allows(fleet) {
      const free = fleet.idle.length + fleet.provisionedIdle.length + fleet.settling;
      const wanted = fleet.all.size - free + fleet.waiters.length + 1;
      if (wanted <= fleet.grownTo) return true;
      const name = `${fleet.scope.account}/${fleet.scope.region}/${fleet.functionName}`;
      let bucket = buckets.get(name);
      if (bucket === undefined) buckets.set(name, (bucket = newBucket()));
      if (!takeToken(bucket, perSecond, per10s, performance.now())) return false;
      fleet.grownTo = wanted;
      return true;
    },
    sweep() {
      const full = performance.now() - 10_000;
      for (const [name, { at }] of buckets) if (at < full) buckets.delete(name);
    },
  };
}
