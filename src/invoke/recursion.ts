/** Recursive loops: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html */
import { ServiceError } from "../base/errors.ts";
import { descend, MOST_INVOCATIONS } from "../base/lineage.ts";
import type { Target } from "./contract.ts";

export const RECURSIVE = "RecursiveInvocationException";

/** The trace header for a call of this function. Throws RecursiveInvocationException where the call goes on with a loop. */
export function tracedThrough({ recursion }: Target, traceId: string): string {
  if (recursion === undefined) return traceId;
  const { header, earlier } = descend(traceId, recursion.id);
  if (earlier >= MOST_INVOCATIONS && recursion.terminate) {
    throw new ServiceError(
      RECURSIVE,
      "Lambda has detected your function being invoked in a recursive loop with other AWS resources and stopped your function's invocation.",
      { status: 400 },
    );
  }
  return header;
}
