/** Typed output → XML, by schema: `member` for the entries of lists, `entry` with `key` and `value` for those of maps. */
import type { Shape } from "../../schema/operation.ts";
import type { Names } from "./names.ts";

type Writer = (name: string, value: unknown) => string;

/** Writes the members of a structure, without an element around them. */
export function createXmlWriter(shape: Shape, names: Names): (value: Record<string, unknown>) => string {
  const members = membersOf(shape, names);
  return (value) => writeMembers(members(), value);
}

interface Member {
  readonly name: string;
  readonly element: string;
  readonly write: Writer;
}

/** Made when they are first needed: shapes may hold themselves. */
function membersOf(shape: Shape, names: Names): () => readonly Member[] {
  let members: Member[] | undefined;
  return () =>
    (members ??= [...shape.structIterator()].map(([name, member]) => ({
      name,
      element: names.member(member, name),
      write: writerOf(member, name, names),
    })));
}

function writeMembers(members: readonly Member[], value: Record<string, unknown>): string {
  let text = "";
  for (const { name, element: elementName, write } of members) {
    const member = value[name];
    if (member !== undefined && member !== null) text += write(elementName, member);
  }
  return text;
}

function writerOf(shape: Shape, member: string, names: Names): Writer {
  if (shape.isStructSchema()) {
    const members = membersOf(shape, names);
    return (name, value) => element(name, writeMembers(members(), value as Record<string, unknown>));
  }
  if (shape.isListSchema()) return listWriter(shape, member, names);
  if (shape.isMapSchema()) return mapWriter(shape, member, names);
  const text = textOf(shape);
  return (name, value) => element(name, escape(text(value)));
}

function listWriter(shape: Shape, member: string, names: Names): Writer {
  const { flat, entry: entryName } = names.list(shape);
  let write: Writer | undefined;
  return (name, value) => {
    const writeEntry = (write ??= writerOf(shape.getValueSchema(), member, names));
    const entries = (value as unknown[]).map((entry) => writeEntry(flat ? name : entryName, entry)).join("");
    return flat ? entries : element(name, entries);
  };
}

function mapWriter(shape: Shape, member: string, names: Names): Writer {
  const { flat, key, value } = names.map(shape, member);
  const write = writerOf(shape.getValueSchema(), member, names);
  return (name, map) => {
    const entries = Object.entries(map as Record<string, unknown>)
      .map(([k, v]) => element(flat ? name : "entry", element(key, escape(k)) + write(value, v)))
      .join("");
    return flat ? entries : element(name, entries);
  };
}

function textOf(shape: Shape): (value: unknown) => string {
  if (shape.isTimestampSchema()) return (value) => (value as Date).toISOString().replace(/\.\d{3}Z$/, "Z");
  if (shape.isBlobSchema()) return (value) => Buffer.from(value as Uint8Array).toString("base64");
  return String;
}

export function element(name: string, content: string): string {
  return content === "" ? `<${name}/>` : `<${name}>${content}</${name}>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#xD;",
};

/** Control characters, which XML 1.0 cannot hold, become the one that stands for what is missing. */
export function escape(text: string): string {
  return text
    .replaceAll(/[&<>"\r]/g, (character) => entities[character] ?? "")
    .replaceAll(/(?![\t\n])\p{Cc}|[\uFFFE\uFFFF]|\p{Surrogate}/gu, "\uFFFD");
}
