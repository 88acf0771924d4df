import * as lambda from "@aws-sdk/client-lambda";
import type { Operation, ServiceDefinition } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { lambdaOperations } from "./operations.ts";

export interface LambdaServiceOptions extends LambdaDependencies {
  /** Constraint table of the API, for the wire. */
  constraints: unknown;
}

/** The Lambda API for the wire. */
export function lambdaService(options: LambdaServiceOptions): ServiceDefinition {
  const operations = Object.entries(lambdaOperations).map(([name, make]): [string, Operation] => [name, make(options)]);
  return {
    name: "lambda",
    protocol: "rest-json",
    schemas: Object.values(lambda).filter(isOperationSchema),
    operations: Object.fromEntries(operations),
    constraints: options.constraints,
  };
}

/** First element of an operation's schema in the official clients' static schemas (`[9, namespace, name, …]`). */
const OPERATION = 9;

function isOperationSchema(value: unknown): boolean {
  return Array.isArray(value) && value[0] === OPERATION;
}
