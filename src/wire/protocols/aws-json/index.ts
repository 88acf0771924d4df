/**
 * AWS JSON 1.0 and 1.1: POST to `/`, the operation in X-Amz-Target, everything else in the body.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
import { ServiceError } from "../../../base/errors.ts";
import { encodeEvents } from "../../event-stream.ts";
import { headerOf, targetOf, type WireRequest } from "../../http/request.ts";
import { parseJson, type JsonBounds } from "../../json/parse.ts";
import { createReaders } from "../../json/reader.ts";
import { bodyShape, createWriter } from "../../json/writer.ts";
import type { OperationSchema } from "../../schema/operation.ts";
import { requestIdHeader, type Answer, type BoundOperation, type Protocol } from "../protocol.ts";
import { writeJsonError } from "./error.ts";

export const awsJson: Protocol = {
  name: "aws-json",
  bind({ operations, target, queryCodes, errorShape, bounds }) {
    const bound = new Map(
      operations.map((operation) => [`${target}.${operation.name}`, bindOperation(operation, bounds)]),
    );
    return {
      route(request) {
        const found = bound.get(targetOf(request.headers) ?? "");
        if (found === undefined || request.method !== "POST") return undefined;
        return { ...found, write: (output, requestId) => found.write(output, requestId, contentType(request)) };
      },
      writeError: (error, requestId, request) =>
        writeJsonError(error, errorShape(error.code), requestId, contentType(request), queryCodes),
      unknownOperation: () => new ServiceError("UnknownOperationException", ""),
    };
  },
};

interface JsonOperation {
  readonly name: string;
  readonly read: BoundOperation["read"];
  readonly write: (output: Record<string, unknown>, requestId: string, type: string) => Answer;
}

function bindOperation({ name, input, output }: OperationSchema, bounds: JsonBounds): JsonOperation {
  const read = input.isUnitSchema() ? () => ({}) : createReaders(false)(input);
  const stream = output.isUnitSchema() ? "" : output.getEventStreamMember();
  return {
    name,
    read: (body) => read(parseJson(body, bounds) ?? {}) as Record<string, unknown>,
    write: output.isUnitSchema() ? emptyAnswer : stream === "" ? jsonAnswer(output) : streamAnswer(output, stream),
  };
}

/** The client's own version of the protocol; 1.1 for clients that do not say. */
function contentType(request: WireRequest): string {
  const sent = headerOf(request.headers, "content-type");
  return sent === "application/x-amz-json-1.0" ? sent : "application/x-amz-json-1.1";
}

function emptyAnswer(_output: unknown, requestId: string, type: string): Answer {
  return { status: 200, headers: { [requestIdHeader]: requestId, "content-type": type }, body: "" };
}

function jsonAnswer(output: OperationSchema["output"]): JsonOperation["write"] {
  const write = createWriter(false)(output);
  return (value, requestId, type) => ({
    status: 200,
    headers: { [requestIdHeader]: requestId, "content-type": type },
    body: write(value),
  });
}

/** The first event has the members that are not in the stream. */
function streamAnswer(output: OperationSchema["output"], member: string): JsonOperation["write"] {
  const others = [...output.structIterator()].map(([name]) => name).filter((name) => name !== member);
  const first = createWriter(false)(bodyShape(output, others));
  const encode = encodeEvents(output.getMemberSchema(member), createWriter(false));
  return (value, requestId) => ({
    status: 200,
    headers: { [requestIdHeader]: requestId, "content-type": "application/vnd.amazon.eventstream" },
    body: encode(value[member] as AsyncIterable<Record<string, unknown>>, first(value)),
  });
}
