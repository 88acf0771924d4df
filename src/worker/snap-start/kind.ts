import { createHash } from "node:crypto";
import type { JailLimits } from "../../sandbox/contract.ts";

/** What a snapshot depends on, besides the function's code, which is the version's. */
export interface SnapshotFacts {
  /** `Snapshots.kind` */
  sandbox: string;
  /** Changes with the content of the runtime's image. */
  runtime: string;
  argv: readonly string[];
  variables: Readonly<Record<string, string>>;
  limits: JailLimits;
}

/** 64 hex digits: the same for the same facts. A hash, because variables are secrets. */
export function snapshotKind({ sandbox, runtime, argv, variables, limits }: SnapshotFacts): string {
  const names = Object.keys(variables).sort();
  const { memoryMB, vcpus, pids, tmpMB } = limits;
  const facts = [sandbox, runtime, argv, names.map((name) => [name, variables[name]]), [memoryMB, vcpus, pids, tmpMB]];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex");
}
