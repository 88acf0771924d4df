/** From the members of `AddPermission` to a statement, as AWS writes it: member by member, in this order. */
import { partitionOf } from "../../base/arn.ts";
import type { Scope } from "../../base/scope.ts";
import { invalidParameter } from "../errors.ts";
import type { Permission } from "./contract.ts";

export interface Statement {
  Sid: string;
  Effect: "Allow";
  Principal: "*" | { Service: string } | { AWS: string };
  Action: string;
  Resource: string;
  Condition?: Record<string, Record<string, string>>;
}

/** Throws InvalidParameterValueException. */
export function statementOf(scope: Scope, resource: string, permission: Permission): Statement {
  const { StatementId = "", Action = "", Principal = "" } = permission;
  refuseContradictions(permission);
  const condition = conditionOf(permission);
  return {
    Sid: StatementId,
    Effect: "Allow",
    Principal: principalOf(scope, Principal),
    Action,
    Resource: resource,
    ...(Object.keys(condition).length === 0 ? {} : { Condition: condition }),
  };
}

function refuseContradictions(permission: Permission): void {
  if (permission.FunctionUrlAuthType !== undefined && permission.Action !== "lambda:InvokeFunctionUrl") {
    throw invalidParameter("FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action");
  }
  if (permission.InvokedViaFunctionUrl === true && permission.Action !== "lambda:InvokeFunction") {
    throw invalidParameter("InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action");
  }
  if (permission.EventSourceToken && (permission.SourceArn || permission.SourceAccount)) {
    throw invalidParameter("EventSourceToken can not be used together with SourceArn or SourceAccount.");
  }
}

/** Services of Alexa are called `….amazon.com`, those in China `….amazonaws.com.cn`. */
const servicePattern = /^[a-z0-9][a-z0-9.-]*\.(?:amazonaws\.com(?:\.cn)?|amazon\.com)$/;
const identityPattern = /^arn:aws[a-zA-Z-]*:(?:iam|sts)::(?:\d{12}|aws|cloudfront):\S+$/;

function principalOf(scope: Scope, principal: string): Statement["Principal"] {
  if (principal === "*") return "*";
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:${partitionOf(scope.region)}:iam::${principal}:root` };
  if (identityPattern.test(principal)) return { AWS: principal };
  if (servicePattern.test(principal)) return { Service: principal };
  throw invalidPrincipal();
}

export function invalidPrincipal(): Error {
  return invalidParameter("The provided principal was invalid. Please check the principal and try again.");
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html, and the condition keys that AWS's answers show. */
function conditionOf(permission: Permission): Record<string, Record<string, string>> {
  const equals = given({
    "AWS:SourceAccount": permission.SourceAccount,
    "lambda:EventSourceToken": permission.EventSourceToken,
    "lambda:FunctionUrlAuthType": permission.FunctionUrlAuthType,
    "aws:PrincipalOrgID": permission.PrincipalOrgID,
  });
  const bool = given({
    "lambda:InvokedViaFunctionUrl": permission.InvokedViaFunctionUrl === true ? "true" : undefined,
  });
  const like = given({ "AWS:SourceArn": permission.SourceArn });
  return Object.fromEntries(
    Object.entries({ StringEquals: equals, Bool: bool, ArnLike: like }).filter(
      ([, keys]) => Object.keys(keys).length > 0,
    ),
  );
}

/** Without what the caller left out or left empty. */
function given(keys: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(keys).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""),
  );
}
