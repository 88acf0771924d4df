/** Policies of layer versions as AWS writes them: compact JSON with the members in this order. */
import { layerArn, partitionOf } from "../../base/arn.ts";
import type { Scope } from "../../base/scope.ts";
import type { LayerPolicy, LayerStatement, LayerVersion } from "./contract.ts";

type Named = Pick<LayerVersion, "name" | "version">;

export function policyText(owner: Scope, version: Named, policy: LayerPolicy): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Id: "default",
    Statement: policy.statements.map((statement) => shown(owner, version, statement)),
  });
}

export function statementText(owner: Scope, version: Named, statement: LayerStatement): string {
  return JSON.stringify(shown(owner, version, statement));
}

function shown(
  owner: Scope,
  { name, version }: Named,
  { id, action, principal, organization }: LayerStatement,
): object {
  return {
    Sid: id,
    Effect: "Allow",
    Principal: principal === "*" ? principal : { AWS: accountArn(owner, principal) },
    Action: action,
    Resource: layerArn(owner, name, version),
    ...(organization === undefined ? {} : { Condition: { StringEquals: { "aws:PrincipalOrgID": organization } } }),
  };
}

function accountArn(owner: Scope, principal: string): string {
  return principal.startsWith("arn:") ? principal : `arn:${partitionOf(owner.region)}:iam::${principal}:root`;
}
