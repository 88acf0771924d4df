/**
 * A wire protocol: how the operations of a service look in HTTP. Each lives in a folder of its own and is listed in
 * `index.ts`; none knows of another.
 */
import type { ServiceError } from "../../base/errors.ts";
import type { ProtocolName, QueryVersion } from "../contract.ts";
import type { WireRequest } from "../http/request.ts";
import type { JsonBounds } from "../json/parse.ts";
import type { ErrorShape } from "../schema/errors.ts";
import type { OperationSchema } from "../schema/operation.ts";

export interface Protocol {
  readonly name: ProtocolName;
  /** Does all work on schemas that can be done before the first request. */
  bind(service: ProtocolService): BoundProtocol;
}

export interface ProtocolService {
  readonly operations: readonly OperationSchema[];
  /** Prefix of X-Amz-Target, where the service has one. */
  readonly target: string | undefined;
  /** What the query protocol needs to know of the service. */
  readonly query: QueryVersion | undefined;
  /** Codes of the query protocol, where clients of aws-json want those. */
  readonly queryCodes: Readonly<Record<string, string>> | undefined;
  readonly errorShape: (code: string) => ErrorShape | undefined;
  readonly bounds: JsonBounds;
}

export interface BoundProtocol {
  /** The operation that a request means; undefined when it is none of this service's. */
  route(request: WireRequest): BoundOperation | undefined;
  writeError(error: ServiceError, requestId: string, request: WireRequest): Answer;
  /** For a request that is meant for this service and for none of its operations. */
  unknownOperation(request: WireRequest): ServiceError;
}

export interface BoundOperation {
  readonly name: string;
  /** Typed input. Throws ServiceError SerializationException. */
  read(body: Buffer): Record<string, unknown>;
  write(output: Record<string, unknown>, requestId: string): Answer;
  /**
   * There where the body says which operation it is: nothing else of this object is used then. Throws ServiceError for a
   * body that means none.
   */
  readonly choose?: (body: Buffer) => BoundOperation;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** An empty body has no bytes; a stream is sent as it comes. */
  readonly body: Uint8Array | string | AsyncIterable<Uint8Array>;
}

export const requestIdHeader = "x-amzn-RequestId";
export const errorTypeHeader = "x-amzn-ErrorType";
