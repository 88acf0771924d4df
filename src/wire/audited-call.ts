/** What the audit is told of a call. Parts that cost something are made when they are asked for. */
import { tlsOf } from "../base/http/secure.ts";
import type { RequestHead } from "../base/http/whole.ts";
import type { CredentialScope } from "../security/contract.ts";
import type { AuditedCall, Caller } from "./contract.ts";
import { headerOf, sourceIpOf, type WireRequest } from "./http/request.ts";
import { shownValue } from "./schema/shown.ts";
import type { BoundService } from "./service.ts";

/** What has become known of a call so far. */
export interface Seen {
  readonly service: BoundService;
  readonly receivedAt: number;
  operation: string | undefined;
  caller?: Caller | undefined;
  input?: Record<string, unknown>;
  output?: Record<string, unknown>;
  error?: { readonly code: string; readonly message: string };
}

export function auditedCall(
  seen: Seen,
  claimed: CredentialScope | undefined,
  { headers }: WireRequest,
  requestId: string,
  incoming: RequestHead,
): AuditedCall {
  const { service, operation, caller, receivedAt, input, output, error } = seen;
  const schema = operation === undefined ? undefined : service.schema(operation);
  return {
    requestId,
    service: service.name,
    operation,
    caller,
    claimed,
    receivedAt,
    sourceIp: sourceIpOf(incoming),
    userAgent: headerOf(headers, "user-agent"),
    host: headers.host,
    tls: tlsOf(incoming),
    error,
    parameters: () => shown(schema?.input, input),
    elements: () => shown(schema?.output, output),
  };
}

type ShapeOf = Parameters<typeof shownValue>[0];

function shown(shape: ShapeOf | undefined, value: unknown): Record<string, unknown> | undefined {
  if (shape === undefined || value === undefined || !shape.isStructSchema()) return undefined;
  return shownValue(shape, value) as Record<string, unknown>;
}
