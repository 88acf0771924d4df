/** The error shapes of a service, which its SDK client registers by the namespace of its model. */
import { NormalizedSchema, TypeRegistry } from "@smithy/core/schema";
import type { Shape } from "./operation.ts";

export interface ErrorShape {
  readonly name: string;
  /** HTTP status of the model; undefined where it has none. */
  readonly status: number | undefined;
  /** `client` is the sender's fault. */
  readonly fault: string | undefined;
  /** Code and status in the query protocol, where they differ from the name and the status of the model. */
  readonly query: { readonly code: string; readonly status: number } | undefined;
  readonly members: ReadonlyMap<string, Shape>;
  /** How this shape spells its message: `message` or `Message`. */
  readonly messageMember: string | undefined;
}

/** Looks error shapes up by code; each is read once. */
export function createErrorShapes(namespace: string): (code: string) => ErrorShape | undefined {
  const known = new Map<string, ErrorShape | undefined>();
  return (code) => {
    if (!known.has(code)) known.set(code, readErrorShape(namespace, code));
    return known.get(code);
  };
}

function readErrorShape(namespace: string, code: string): ErrorShape | undefined {
  const name = `${namespace}#${code}`;
  let found: Shape | undefined;
  TypeRegistry.for(namespace).find((schema) => {
    const shape = NormalizedSchema.of(schema);
    if (shape.getName(true) !== name) return false;
    found = shape;
    return true;
  });
  if (found === undefined) return undefined;
  const traits = found.getMergedTraits();
  const members = new Map(found.structIterator());
  return {
    name: code,
    status: traits.httpError as number | undefined,
    fault: traits.error,
    query: queryError((traits as { awsQueryError?: readonly [code: string, status: number] }).awsQueryError),
    members,
    messageMember: ["message", "Message"].find((member) => members.has(member)),
  };
}

function queryError(trait: readonly [code: string, status: number] | undefined): ErrorShape["query"] {
  return trait && { code: trait[0], status: trait[1] };
}
