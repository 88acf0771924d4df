/** Which resource an ARN means, where an operation works on several kinds of them. */
import { ServiceError } from "../../base/errors.ts";
import { invalidParameter, type TaggedResource } from "../../functions/index.ts";
import type { CallContext } from "../../wire/contract.ts";
import { namedFunction, type NamedFunction } from "./names.ts";

const arnPattern = /^arn:[^:]*:lambda:(?<region>[^:]*):(?<account>\d{12}):(?<kind>[a-z-]+)[:/](?<id>.+)$/;

/** A function, a version or an alias. Runtimes, which may have policies on AWS, are files of the host. */
export function policyOwner(context: CallContext, arn = ""): NamedFunction {
  if (arnPattern.exec(arn)?.groups?.["kind"] !== "function") {
    throw notFound("The resource you requested does not exist.");
  }
  return namedFunction(context, arn);
}

/** What Kiln does not have, in the words in which AWS says that one of them is not there. */
const neverThere: Readonly<Record<string, string>> = {
  "capacity-provider": "Capacity provider not found",
  "network-connector": "Network connector not found",
};

export function taggedResource(context: CallContext, arn = ""): TaggedResource {
  const { region = "", account = "", kind = "", id = "" } = arnPattern.exec(arn)?.groups ?? {};
  if (kind === "function") {
    const { scope, name, qualifier } = namedFunction(context, arn);
    if (qualifier !== undefined) {
      throw invalidParameter("Tags on function aliases and versions are not supported. Please specify a function ARN.");
    }
    return { scope, kind, id: name };
  }
  const here = region === context.caller.region && account === context.caller.account;
  if (kind === "event-source-mapping") {
    if (!here) throw notFound(`Event source mapping not found: ${arn}`);
    return { scope: { region, account }, kind, id };
  }
  if (kind === "code-signing-config") {
    if (!here) throw notFound(`The Lambda code signing configuration ${arn} can not be found.`);
    return { scope: { region, account }, kind, id };
  }
  throw notFound(`${neverThere[kind] ?? "Resource not found"}: ${arn}`);
}

function notFound(message: string): ServiceError {
  return new ServiceError("ResourceNotFoundException", message, { status: 404 });
}
