/** The STS API for the wire. */
import * as client from "@aws-sdk/client-sts";
import type { Operation, ServiceDefinition } from "../../wire/contract.ts";
import type { StsDependencies } from "./dependencies.ts";
import { stsOperations } from "./operations.ts";

export { stsOperations } from "./operations.ts";

/** First element of an operation's schema in the SDK's clients. */
const OPERATION = 9;

/** `constraints`: the wire's table for the service `sts`. */
export function stsService({
  constraints,
  ...dependencies
}: StsDependencies & { constraints: unknown }): ServiceDefinition {
  return {
    name: "sts",
    protocol: "query",
    query: { version: "2011-06-15", xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/" },
    unsigned: ["AssumeRoleWithWebIdentity"],
    schemas: Object.values(client).filter((value) => Array.isArray(value) && value[0] === OPERATION),
    operations: Object.fromEntries(
      Object.entries(stsOperations).map(([name, make]): [string, Operation] => [name, make(dependencies)]),
    ),
    constraints,
  };
}
