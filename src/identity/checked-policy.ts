import { UnknownPrincipal, type PrincipalNames } from "../base/principals.ts";
import { parsePolicy, PolicyError, type PolicyKind } from "../security/policy/index.ts";
import { limitExceeded, malformedPolicy } from "./errors.ts";

/**
 * Text that IAM takes as a policy. `most`: characters without white space.
 * Throws MalformedPolicyDocument and LimitExceeded.
 */
export function checkedPolicy(text: string, kind: PolicyKind, most: number, quota: string): string {
  if (text.replaceAll(/\s/g, "").length > most) throw limitExceeded(`Cannot exceed quota for ${quota}: ${most}`);
  try {
    parsePolicy(text, kind);
  } catch (error) {
    if (error instanceof PolicyError) throw malformedPolicy(error.message);
    throw error;
  }
  return text;
}

/** A trust policy as it is kept. Throws MalformedPolicyDocument and LimitExceeded. */
export async function keptTrust(principals: PrincipalNames, text: string): Promise<string> {
  try {
    return await principals.kept(checkedPolicy(text, "trust", ...policySizes.trust));
  } catch (error) {
    if (error instanceof UnknownPrincipal) throw malformedPolicy(error.message);
    throw error;
  }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const policySizes = {
  managed: [6144, "PolicySize"],
  user: [2048, "UserPolicySize"],
  group: [5120, "GroupPolicySize"],
  role: [10_240, "RolePolicySize"],
  trust: [2048, "ACLSizePerRole"],
} as const;
