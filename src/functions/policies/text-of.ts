/**
 * Policies for decisions: of each version and alias its own, and of the function what is attached to it. This is on the
 * path of every call, so what was read is kept until a policy changes.
 */
import { parseFunctionReference } from "../../base/arn.ts";
import type { Documents } from "../../store/contract.ts";
import { POLICY } from "../keys.ts";
import type { PolicyDocument } from "./contract.ts";
import { policyKey } from "./owner.ts";

/** ARNs whose policy, or lack of one, is kept in memory. */
const MOST = 10_000;

export interface PolicyTexts {
  of(functionArn: string): string | undefined | Promise<string | undefined>;
  close(): void;
}

export function createPolicyTexts(documents: Documents): PolicyTexts {
  const kept = new Map<string, string | undefined>();
  // Counts changes, so that what was read before a change is not kept after it.
  let changes = 0;
  const unwatch = documents.watch(POLICY, "", () => {
    changes += 1;
    kept.clear();
  });
  async function read(functionArn: string): Promise<string | undefined> {
    const { name, account, region, qualifier } = parseFunctionReference(functionArn) ?? {};
    if (name === undefined || account === undefined || region === undefined) return undefined;
    const before = changes;
    const owner = { scope: { account, region }, name, ...(qualifier === undefined ? {} : { qualifier }) };
    const text = (await documents.get<PolicyDocument>(POLICY, policyKey(owner)))?.value.text;
    if (changes !== before) return text;
    if (kept.size >= MOST) kept.clear();
    kept.set(functionArn, text);
    return text;
  }

  return {
    of(functionArn) {
      const text = kept.get(functionArn);
      return text !== undefined || kept.has(functionArn) ? text : read(functionArn);
    },
    close: unwatch,
  };
}
