import { parseFunctionReference } from "../../base/arn.ts";
import type { Documents } from "../../store/contract.ts";
import { POLICY } from "../keys.ts";
import type { PolicyDocument } from "./contract.ts";
import { policyKey } from "./owner.ts";

/** For decisions: of each version and alias its own, and of the function what is attached to it. */
export async function textOf(documents: Documents, functionArn: string): Promise<string | undefined> {
  const { name, account, region, qualifier } = parseFunctionReference(functionArn) ?? {};
  if (name === undefined || account === undefined || region === undefined) return undefined;
  const owner = { scope: { account, region }, name, ...(qualifier === undefined ? {} : { qualifier }) };
  const stored = await documents.get<PolicyDocument>(POLICY, policyKey(owner));
  return stored?.value.text;
}
