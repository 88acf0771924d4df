/** Parameters → typed input, by schema. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
import { parseRfc3339DateTimeWithOffset } from "@smithy/core/serde";
import { readBlob } from "../../json/reader.ts";
import type { Shape } from "../../schema/operation.ts";
import { malformed, type FormNode } from "./form.ts";
import type { Names } from "./names.ts";

type Reader = (node: FormNode) => unknown;

/** Undefined for what is not there. Names that the shape does not have are ignored. */
export function createFormReader(shape: Shape, names: Names): Reader {
  const structures = new Map<unknown, Reader>();

  function readerOf(of: Shape, name: string): Reader {
    if (of.isStructSchema()) return structureOf(of);
    if (of.isListSchema()) return listOf(of, name);
    if (of.isMapSchema()) return mapOf(of, name);
    return scalarOf(of);
  }

  function structureOf(of: Shape): Reader {
    const key = of.getSchema();
    const known = structures.get(key);
    if (known !== undefined) return known;
    let members: [sent: string, name: string, read: Reader][] | undefined;
    const read: Reader = (node) => {
      members ??= [...of.structIterator()].map(([name, member]) => [
        names.member(member, name),
        name,
        readerOf(member, name),
      ]);
      const result: Record<string, unknown> = {};
      for (const [sent, name, readMember] of members) {
        const child = node.children.get(sent);
        if (child !== undefined) result[name] = readMember(child);
      }
      return result;
    };
    structures.set(key, read);
    return read;
  }

  function listOf(of: Shape, name: string): Reader {
    const read = readerOf(of.getValueSchema(), name);
    const { flat, entry } = names.list(of);
    return (node) => entries(flat ? node : node.children.get(entry)).map(read);
  }

  function mapOf(of: Shape, name: string): Reader {
    const read = readerOf(of.getValueSchema(), name);
    const { flat, key: keyName, value: valueName } = names.map(of, name);
    return (node) => {
      const pairs = entries(flat ? node : node.children.get("entry")).map((entry): [string, unknown] => {
        const [key, value] = [entry.children.get(keyName), entry.children.get(valueName)];
        if (key?.value === undefined || value === undefined)
          throw malformed("An entry of a map has a key and a value.");
        return [key.value, read(value)];
      });
      return Object.fromEntries(pairs);
    };
  }

  return readerOf(shape, "");
}

const index = /^[1-9]\d{0,8}$/;

/** `.1`, `.2`, … in the order of their numbers; gaps do not matter. */
function entries(node: FormNode | undefined): FormNode[] {
  if (node === undefined) return [];
  return [...node.children]
    .map(([step, child]): [number, FormNode] => {
      if (!index.test(step)) throw malformed(`A list has numbers, not ${step.slice(0, 100)}.`);
      return [Number(step), child];
    })
    .sort(([a], [b]) => a - b)
    .map(([, child]) => child);
}

function scalarOf(shape: Shape): Reader {
  const read = textOf(shape);
  return (node) => {
    if (node.value === undefined) throw malformed("A structure was found where a value is expected.");
    return read(node.value);
  };
}

function textOf(shape: Shape): (text: string) => unknown {
  if (shape.isNumericSchema()) return readNumber;
  if (shape.isBooleanSchema()) return readBoolean;
  if (shape.isBlobSchema()) return readBlob;
  if (shape.isTimestampSchema()) return readTimestamp;
  return (text) => text;
}

function readNumber(text: string): number {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw malformed(`"${text.slice(0, 100)}" is not a number.`);
  return Number(text);
}

function readBoolean(text: string): boolean {
  const lower = text.toLowerCase();
  if (lower !== "true" && lower !== "false") throw malformed(`"${text.slice(0, 100)}" is neither true nor false.`);
  return lower === "true";
}

function readTimestamp(text: string): Date {
  try {
    const date = parseRfc3339DateTimeWithOffset(text);
    if (date !== undefined) return date;
  } catch {
    // Told below, in the protocol's words.
  }
  throw malformed(`"${text.slice(0, 100)}" is not a time.`);
}
