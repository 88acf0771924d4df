/** Request → typed input, by the HTTP bindings of the members. */
import type { Match } from "./router.ts";
import { labelsOf } from "./router.ts";
import { textReader, type TextReader } from "./text.ts";
import { headerOf, type WireRequest } from "../../http/request.ts";
import { createReaders, type Reader } from "../../json/reader.ts";
import { bodyShape } from "../../json/writer.ts";
import { parseJson, unreadable, type JsonBounds } from "../../json/parse.ts";
import type { OperationSchema, Shape } from "../../schema/operation.ts";

type Input = Record<string, unknown>;
type Binding = (input: Input, request: WireRequest, labels: readonly string[]) => void;

export type InputReader = (request: WireRequest, match: Match<unknown>, body: Buffer) => Input;

export function createInputReader(operation: OperationSchema, bounds: JsonBounds): InputReader {
  const bindings: Binding[] = [];
  const bodyMembers: string[] = [];
  let readBody: ((input: Input, body: Buffer) => void) | undefined;
  const labelNames = labelsOf(operation.http?.path ?? "");
  for (const [name, member] of operation.input.structIterator()) {
    const traits = member.getMergedTraits();
    if (traits.httpLabel) bindings.push(labelBinding(name, labelNames.indexOf(name), member));
    else if (traits.httpQuery) bindings.push(queryBinding(name, traits.httpQuery, member));
    else if (traits.httpQueryParams) bindings.push(queryMapBinding(name, member));
    else if (traits.httpHeader) bindings.push(headerBinding(name, traits.httpHeader.toLowerCase(), member));
    else if (typeof traits.httpPrefixHeaders === "string") {
      bindings.push(prefixBinding(name, traits.httpPrefixHeaders.toLowerCase()));
    } else if (traits.httpPayload) readBody = payloadReader(name, member, bounds);
    else bodyMembers.push(name);
  }
  if (bodyMembers.length > 0) readBody = bodyReader(bodyShape(operation.input, bodyMembers), bounds);
  return (request, match, body) => {
    const input: Input = {};
    readBody?.(input, body);
    for (const bind of bindings) bind(input, request, match.labels);
    return input;
  };
}

function labelBinding(name: string, index: number, member: Shape): Binding {
  const read = textReader(member, "label");
  return (input, _request, labels) => {
    input[name] = read(decode(labels[index] ?? ""));
  };
}

function decode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw unreadable("The request path has an invalid percent-encoding", error);
  }
}

function queryBinding(name: string, parameter: string, member: Shape): Binding {
  const list = member.isListSchema();
  const read = textReader(list ? member.getValueSchema() : member, "query");
  return (input, request) => {
    if (request.query === "") return;
    const values = request.parameters().getAll(parameter);
    const [first] = values;
    if (first !== undefined) input[name] = list ? values.map(read) : readOptional(read, first, member);
  };
}

/** `?MaxItems=` means no MaxItems; an empty string is one only where text is wanted. */
function readOptional(read: TextReader, text: string, member: Shape): unknown {
  return text === "" && !member.isStringSchema() ? undefined : read(text);
}

function queryMapBinding(name: string, member: Shape): Binding {
  const lists = member.getValueSchema().isListSchema();
  return (input, request) => {
    const entries = [...new Set(request.parameters().keys())].map((key): [string, unknown] => {
      const values = request.parameters().getAll(key);
      return [key, lists ? values : values[0]];
    });
    if (entries.length > 0) input[name] = Object.fromEntries(entries);
  };
}

function headerBinding(name: string, header: string, member: Shape): Binding {
  const read = textReader(member, "header");
  return (input, { headers }) => {
    const value = headerOf(headers, header);
    if (value !== undefined) input[name] = read(value);
  };
}

function prefixBinding(name: string, prefix: string): Binding {
  return (input, { headers }) => {
    const entries = Object.keys(headers)
      .filter((header) => header.startsWith(prefix))
      .map((header): [string, unknown] => [header.slice(prefix.length), headerOf(headers, header)]);
    if (entries.length > 0) input[name] = Object.fromEntries(entries);
  };
}

/** A blob is handed on as it came; streaming blobs too, whole and within the operation's limit. */
function payloadReader(name: string, member: Shape, bounds: JsonBounds): (input: Input, body: Buffer) => void {
  const read = payloadParser(member, bounds);
  return (input, body) => {
    if (body.length > 0) input[name] = read(body);
  };
}

function payloadParser(member: Shape, bounds: JsonBounds): (body: Buffer) => unknown {
  if (member.isBlobSchema()) return (body) => body;
  if (member.isStringSchema()) return (body) => body.toString("utf8");
  const read: Reader = createReaders(true)(member);
  return (body) => read(parseJson(body, bounds));
}

function bodyReader(shape: Shape, bounds: JsonBounds): (input: Input, body: Buffer) => void {
  const read = createReaders(true)(shape);
  return (input, body) => {
    const parsed = parseJson(body, bounds);
    if (parsed !== undefined && parsed !== null) Object.assign(input, read(parsed));
  };
}
