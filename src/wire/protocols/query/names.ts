/**
 * How members, lists and maps are called in forms and in XML. The schemas of most services say it by traits; those of a
 * service that has moved on to another protocol do not, so it brings a table of its own.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
import type { FlattenedNames } from "../../contract.ts";
import type { Shape } from "../../schema/operation.ts";

export interface Names {
  /** Of a member of a structure. */
  member(shape: Shape, name: string): string;
  /** `flat`: the entries stand where the list would, under its name. */
  list(shape: Shape): { readonly flat: boolean; readonly entry: string };
  map(shape: Shape, name: string): { readonly flat: boolean; readonly key: string; readonly value: string };
}

export const namesOfTraits: Names = {
  member: (shape, name) => shape.getMergedTraits().xmlName ?? name,
  list: (shape) => ({ flat: isFlat(shape), entry: shape.getValueSchema().getMergedTraits().xmlName ?? "member" }),
  map: (shape) => ({
    flat: isFlat(shape),
    key: shape.getKeySchema().getMergedTraits().xmlName ?? "key",
    value: shape.getValueSchema().getMergedTraits().xmlName ?? "value",
  }),
};

/** Every list and map is flat. A list that the table does not have is called as the structure that its entries are. */
export function namesOfTable({ members, entries }: FlattenedNames): Names {
  return {
    member: (shape, name) => members[name] ?? (shape.isListSchema() ? shape.getValueSchema().getName() : name) ?? name,
    list: () => ({ flat: true, entry: "" }),
    map: (_shape, name) => {
      const names = entries[name];
      if (names === undefined) throw new TypeError(`the query protocol has no names for the entries of ${name}`);
      return { flat: true, key: names[0], value: names[1] };
    },
  };
}

function isFlat(shape: Shape): boolean {
  return shape.getMergedTraits().xmlFlattened !== undefined;
}
