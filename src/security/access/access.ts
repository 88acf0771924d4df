/** What the security side knows of a caller: it travels with the caller and is looked at here only. */
import type { Caller, Principal } from "../../wire/contract.ts";
import type { ConditionKeys, Policies, PolicyPrincipal } from "../policy/index.ts";
import { keysOf } from "./keys.ts";

export interface Access {
  readonly principal: PolicyPrincipal;
  readonly policies: Omit<Policies, "resource">;
  /** Keys about the caller. */
  readonly keys: ConditionKeys;
}

const nobody: Access = { principal: { kind: "anonymous" }, policies: { identity: [] }, keys: () => undefined };

/** Whoever has no access of its own has that of nobody. */
export function accessOf(caller: Pick<Caller, "access">): Access {
  return (caller.access as Access | undefined) ?? nobody;
}

export function rootAccess(account: string): Access & { readonly caller: Principal } {
  const arn = `arn:aws:iam::${account}:root`;
  return {
    caller: { kind: "root", account, arn, userId: account },
    principal: { kind: "root", account, arn },
    policies: { identity: [] },
    keys: keysOf({
      "aws:principalarn": arn,
      "aws:principalaccount": account,
      "aws:principaltype": "Account",
      "aws:userid": account,
    }),
  };
}
