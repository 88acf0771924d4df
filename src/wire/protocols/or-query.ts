/** A service that speaks the query protocol besides its own: X-Amz-Target tells which of the two a client speaks. */
import { headerOf, type WireRequest } from "../http/request.ts";
import type { BoundProtocol } from "./protocol.ts";

export function orQuery(own: BoundProtocol, query: BoundProtocol): BoundProtocol {
  const spoken = (request: WireRequest): BoundProtocol =>
    headerOf(request.headers, "x-amz-target") === undefined ? query : own;
  return {
    route: (request) => spoken(request).route(request),
    writeError: (error, requestId, request) => spoken(request).writeError(error, requestId, request),
    unknownOperation: (request) => spoken(request).unknownOperation(request),
  };
}
