/** Typed output → JSON, by the SDK's own serializer, so that dates, blobs and numbers look as its clients expect them. */
import { JsonShapeSerializer2 } from "@smithy/core/protocols";
import { NormalizedSchema } from "@smithy/core/schema";
import type { Shape } from "../schema/operation.ts";

export type Writer = (value: unknown) => Uint8Array;

const epochSeconds = 7;

export function createWriter(useJsonName: boolean): (shape: Shape) => Writer {
  const serializer = new JsonShapeSerializer2({
    timestampFormat: { useTrait: true, default: epochSeconds },
    jsonName: useJsonName,
  });
  return (shape) => (value) => {
    serializer.write(shape, value);
    return serializer.flush();
  };
}

const structureKind = 3;

/** A structure of only these members: the body of a message whose other members are in its headers. */
export function bodyShape(shape: Shape, members: readonly string[]): Shape {
  const [, namespace, name] = shape.getSchema() as unknown as [number, string, string];
  const schemas = members.map((member) => shape.getMemberSchema(member));
  const body = [structureKind, namespace, name, 0, [...members], schemas];
  return NormalizedSchema.of(body as unknown as Parameters<typeof NormalizedSchema.of>[0]);
}
