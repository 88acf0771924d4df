import type { Cors } from "@aws-sdk/client-lambda";

/**
 * The CORS settings as they are kept; undefined when nothing is set, which is how callers take them away
 * (Terraform's provider sends `{}`). The API's model has checked lengths and counts.
 */
export function keptCors(cors: Cors | undefined): Cors | undefined {
  const set = Object.entries(cors ?? {}).filter(([, value]) => value !== undefined && value !== null);
  const empty = set.every(([, value]) => Array.isArray(value) && value.length === 0);
  return empty ? undefined : Object.fromEntries(set);
}
