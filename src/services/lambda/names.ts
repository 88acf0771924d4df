/** Which function a request means: names, partial and full ARNs, with a qualifier in the name or beside it. */
import { functionArn, parseFunctionReference, type FunctionReference } from "../../base/arn.ts";
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import { invalidParameter } from "../../functions/index.ts";
import type { CallContext } from "../../wire/contract.ts";

export interface NamedFunction {
  scope: Scope;
  name: string;
  qualifier?: string;
}

/** A function, or a version of it. Throws AWS's errors. */
export function namedFunction(context: CallContext, text: string | undefined, qualifier?: string): NamedFunction {
  const reference = parseFunctionReference(text ?? "");
  if (!reference) {
    throw new ServiceError(
      "ValidationException",
      `1 validation error detected: Value '${text ?? ""}' at 'functionName' is not a function name or ARN`,
    );
  }
  const { account, region } = context.caller;
  if (reference.account !== undefined && reference.account !== account) {
    throw foreignAccount(context, reference, qualifier ?? reference.qualifier);
  }
  if (reference.region !== undefined && reference.region !== region) {
    throw new ServiceError(
      "ResourceNotFoundException",
      `Functions from '${reference.region}' are not reachable in this region ('${region}')`,
      { status: 404 },
    );
  }
  if (reference.qualifier !== undefined && qualifier !== undefined && reference.qualifier !== qualifier) {
    throw invalidParameter("The derived qualifier from the function name does not match the specified qualifier.");
  }
  const wanted = qualifier ?? reference.qualifier;
  return { scope: { account, region }, name: reference.name, ...(wanted === undefined ? {} : { qualifier: wanted }) };
}

/** A function as a whole: versions and aliases of it cannot be changed. */
export function namedWholeFunction(context: CallContext, text: string | undefined): NamedFunction {
  const named = namedFunction(context, text);
  if (named.qualifier !== undefined && named.qualifier !== "$LATEST") {
    throw invalidParameter(
      "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. " +
        "Please specify either a function name or an unqualified function ARN.",
    );
  }
  return { scope: named.scope, name: named.name };
}

/** The same without the scope, which is the caller's own. */
export function namedTarget(context: CallContext, text: string): { name: string; qualifier?: string } {
  const { scope: _scope, ...target } = namedFunction(context, text);
  return target;
}

/** The account and region that a request is made in. */
export function callerScope({ caller }: CallContext): Scope {
  return { account: caller.account, region: caller.region };
}

function foreignAccount(
  context: CallContext,
  reference: FunctionReference,
  qualifier: string | undefined,
): ServiceError {
  const owner = { account: reference.account ?? "", region: reference.region ?? context.caller.region };
  const action = `lambda:${context.operation === "Invoke" ? "InvokeFunction" : context.operation}`;
  return new ServiceError(
    "AccessDeniedException",
    `User: ${context.caller.arn} is not authorized to perform: ${action} on resource: ${functionArn(owner, reference.name, qualifier)} ` +
      `because no resource-based policy allows the ${action} action`,
    { status: 403 },
  );
}
