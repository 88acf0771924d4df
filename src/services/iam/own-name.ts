import { validation } from "../../identity/index.ts";
import type { Caller } from "../../wire/contract.ts";

/** Where a request names no user, the one who calls is meant. */
export function ownName({ kind, arn }: Caller): string {
  if (kind === "user") return arn.slice(arn.lastIndexOf("/") + 1);
  throw validation("Must specify userName when calling with non-User credentials");
}
