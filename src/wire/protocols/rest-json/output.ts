/** Typed output → answer, by the HTTP bindings of the members. */
import { textWriter } from "./text.ts";
import { encodeEvents } from "../../event-stream.ts";
import { bodyShape, createWriter } from "../../json/writer.ts";
import type { OperationSchema, Shape } from "../../schema/operation.ts";
import { requestIdHeader, type Answer } from "../protocol.ts";

type Output = Record<string, unknown>;
export type OutputWriter = (output: Output, requestId: string) => Answer;
type HeaderBinding = (output: Output, headers: Record<string, string>) => void;
type BodyWriter = (output: Output) => { type: string; body: Answer["body"] } | undefined;

const noBody = "";
const json = "application/json";

export function createOutputWriter(operation: OperationSchema): OutputWriter {
  const headerBindings: HeaderBinding[] = [];
  const bodyMembers: string[] = [];
  let writeBody: BodyWriter | undefined;
  let statusMember: string | undefined;
  for (const [name, member] of operation.output.structIterator()) {
    const traits = member.getMergedTraits();
    if (traits.httpResponseCode) statusMember = name;
    else if (traits.httpHeader) headerBindings.push(headerBinding(name, traits.httpHeader, member));
    else if (typeof traits.httpPrefixHeaders === "string") {
      headerBindings.push(prefixBinding(name, traits.httpPrefixHeaders));
    } else if (traits.httpPayload) writeBody = payloadWriter(name, member);
    else bodyMembers.push(name);
  }
  if (bodyMembers.length > 0) writeBody = structureWriter(bodyShape(operation.output, bodyMembers));
  const defaultStatus = operation.http?.status ?? 200;
  return (output, requestId) => {
    const headers: Record<string, string> = { [requestIdHeader]: requestId };
    const status = statusOf(statusMember === undefined ? undefined : output[statusMember], defaultStatus);
    const written = status === 204 ? undefined : writeBody?.(output);
    if (written !== undefined) headers["content-type"] = written.type;
    for (const bind of headerBindings) bind(output, headers);
    return { status, headers, body: written?.body ?? noBody };
  };
}

function statusOf(value: unknown, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}

function headerBinding(name: string, header: string, member: Shape): HeaderBinding {
  const write = textWriter(member);
  const key = header.toLowerCase() === "content-type" ? "content-type" : header;
  return (output, headers) => {
    const value = output[name];
    if (value !== undefined && value !== null) headers[key] = write(value);
  };
}

function prefixBinding(name: string, prefix: string): HeaderBinding {
  return (output, headers) => {
    for (const [key, value] of Object.entries((output[name] ?? {}) as Record<string, unknown>)) {
      headers[prefix + key] = String(value);
    }
  };
}

/** AWS Lambda labels the payload of Invoke as JSON; a member that is bound to Content-Type overrides it. */
function payloadWriter(name: string, member: Shape): BodyWriter {
  if (member.isStreaming() && member.isStructSchema()) {
    const encode = encodeEvents(member, createWriter(true));
    return (output) => ({
      type: "application/vnd.amazon.eventstream",
      body: encode(output[name] as AsyncIterable<Record<string, unknown>>),
    });
  }
  if (member.isBlobSchema() || member.isStringSchema()) {
    return (output) => {
      const value = output[name] as Answer["body"] | undefined | null;
      return { type: json, body: value ?? noBody };
    };
  }
  return structureWriter(member, name);
}

function structureWriter(shape: Shape, member?: string): BodyWriter {
  const write = createWriter(true)(shape);
  return (output) => ({ type: json, body: write(member === undefined ? output : (output[member] ?? {})) });
}
