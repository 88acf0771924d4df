/** A service definition with everything compiled that can be before its first call. */
import { constraintTables, createConstraints, type ConstraintTable, type InputCheck } from "./constraints/index.ts";
import type { Operation, ServiceDefinition } from "./contract.ts";
import type { JsonBounds } from "./json/parse.ts";
import { observedOf, type Observed } from "./observed/index.ts";
import { protocolOf } from "./protocols/index.ts";
import { orQuery } from "./protocols/or-query.ts";
import type { BoundProtocol } from "./protocols/protocol.ts";
import { createErrorShapes } from "./schema/errors.ts";
import { operationSchemas, type OperationSchema } from "./schema/operation.ts";

export interface BoundService {
  readonly name: string;
  readonly target: string | undefined;
  readonly protocol: BoundProtocol;
  readonly observed: Observed;
  /** Operations that are called without a signature. */
  readonly unsigned: ReadonlySet<string>;
  /** Undefined for an operation that is routed and not implemented. */
  handler(operation: string): Operation<unknown> | undefined;
  /** Undefined for an operation that the service does not have. */
  schema(operation: string): OperationSchema | undefined;
  /** Undefined for an operation that nothing constrains. */
  check(operation: string): InputCheck | undefined;
}

export function bindService(definition: ServiceDefinition, bounds: JsonBounds): BoundService {
  const operations = operationSchemas(definition.schemas);
  const byName = new Map(operations.map((operation) => [operation.name, operation]));
  for (const name of Object.keys(definition.operations)) {
    if (!byName.has(name))
      throw new TypeError(`${definition.name} has a handler for ${name}, which its schemas do not have`);
  }
  const observed = observedOf(definition.name);
  const constraints = createConstraints(tableOf(definition), observed);
  const checks = new Map<string, InputCheck | undefined>();
  const namespace = operations[0]?.namespace;
  const spoken = {
    operations,
    target: definition.target,
    query: definition.query,
    queryCodes: definition.queryCodes,
    errorShape: namespace === undefined ? () => undefined : createErrorShapes(namespace),
    bounds,
  };
  const protocol = protocolOf(definition.protocol).bind(spoken);
  const both = definition.query !== undefined && definition.protocol !== "query";
  return {
    name: definition.name,
    target: definition.target,
    protocol: both ? orQuery(protocol, protocolOf("query").bind(spoken)) : protocol,
    observed,
    unsigned: new Set(definition.unsigned),
    handler: (operation) =>
      Object.hasOwn(definition.operations, operation)
        ? (definition.operations[operation] as unknown as Operation<unknown>)
        : undefined,
    schema: (operation) => byName.get(operation),
    check: (operation) => {
      if (!checks.has(operation)) checks.set(operation, constraints(operation));
      return checks.get(operation);
    },
  };
}

/** The table that the definition brings, else the generated one of that name. */
function tableOf({ constraints, name }: ServiceDefinition): ConstraintTable | undefined {
  const brought = constraints as Partial<ConstraintTable> | undefined;
  return brought?.operations === undefined ? constraintTables[name] : (brought as ConstraintTable);
}
