/** The JSON of a policy. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 20 KB. */
import { policyTooLong } from "./errors.ts";

const MAX_BYTES = 20_480;

/** What Kiln itself looks at in a stored policy. */
export interface PolicyShape {
  Statement: { Sid?: string }[];
  [member: string]: unknown;
}

/** An IAM policy may have one statement that is not in a list. */
export function parsePolicy(text: string): PolicyShape {
  const policy = JSON.parse(text) as { Statement: PolicyShape["Statement"] | PolicyShape["Statement"][number] };
  return { ...policy, Statement: Array.isArray(policy.Statement) ? policy.Statement : [policy.Statement] };
}

/** Throws PolicyLengthExceededException. */
export function checkedLength(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) throw policyTooLong(bytes, MAX_BYTES);
  return text;
}
