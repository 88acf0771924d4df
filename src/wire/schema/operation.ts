/**
 * Reads the operation schemas that the official AWS SDK clients export (`Invoke$`, `CreateFunction$`, …): tuples
 * `[9, namespace, name, traits, input, output]`. Everything that a protocol needs is taken from them once, at start.
 */
import { NormalizedSchema, translateTraits } from "@smithy/core/schema";

/** `NormalizedSchema` under a name that says what it is here. */
export type Shape = NormalizedSchema;
type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];

export interface OperationSchema {
  readonly name: string;
  /** Of the service's model, for instance `com.amazonaws.lambda`. */
  readonly namespace: string;
  /** The `http` trait, which rest protocols route by. */
  readonly http: HttpTrait | undefined;
  readonly input: Shape;
  readonly output: Shape;
}

export interface HttpTrait {
  readonly method: string;
  /** With labels: `/2015-03-31/functions/{FunctionName}`. */
  readonly path: string;
  /** Query parameters that are part of the route: `find=LayerVersion`. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly status: number;
}

const operationKind = 9;

/** The operations among the exports of an SDK client, in the order of their names. */
export function operationSchemas(schemas: readonly unknown[]): OperationSchema[] {
  return schemas
    .map(readOperation)
    .filter((operation) => operation !== undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readOperation(schema: unknown): OperationSchema | undefined {
  if (!Array.isArray(schema) || schema[0] !== operationKind) return undefined;
  const [, namespace, name, traits, input, output] = schema as [number, string, string, unknown, SchemaRef, SchemaRef];
  return {
    name,
    namespace,
    http: httpTrait(traits),
    input: NormalizedSchema.of(input),
    output: NormalizedSchema.of(output),
  };
}

function httpTrait(traits: unknown): HttpTrait | undefined {
  const { http } = translateTraits(traits as Parameters<typeof translateTraits>[0]) as { http?: unknown };
  if (!Array.isArray(http)) return undefined;
  const [method, target, status] = http as [string, string, number];
  const [path = "/", query = ""] = target.split("?");
  return { method, path, query: [...new URLSearchParams(query)], status };
}
