/** The IAM API for the wire. */
import * as client from "@aws-sdk/client-iam";
import type { Operation, ServiceDefinition } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { iamOperations } from "./operations.ts";

export { iamOperations } from "./operations.ts";

/** First element of an operation's schema in the SDK's clients. */
const OPERATION = 9;

/** `constraints`: the wire's table for the service `iam`. */
export function iamService({
  constraints,
  ...dependencies
}: IamDependencies & { constraints: unknown }): ServiceDefinition {
  return {
    name: "iam",
    protocol: "query",
    query: { version: "2010-05-08", xmlNamespace: "https://iam.amazonaws.com/doc/2010-05-08/" },
    schemas: Object.values(client).filter((value) => Array.isArray(value) && value[0] === OPERATION),
    operations: Object.fromEntries(
      Object.entries(iamOperations).map(([name, make]): [string, Operation] => [name, make(dependencies)]),
    ),
    constraints,
  };
}
