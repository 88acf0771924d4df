/**
 * What the audit is told of a request at a function URL: AWS's data event `InvokeFunctionUrl`
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-monitoring.html). Neither path nor query nor body is in it.
 */
import { functionArn } from "../../base/arn.ts";
import { ServiceError } from "../../base/errors.ts";
import { tlsOf } from "../../base/http/secure.ts";
import type { LocatedUrl } from "../../functions/urls/contract.ts";
import type { AuditedCall, CallAudit, Caller } from "../../wire/contract.ts";
import type { IncomingMessage } from "node:http";
import { headerOf, type UrlRequest } from "./request.ts";

const operation = "InvokeFunctionUrl";

export interface AuditedVisit {
  readonly requestId: string;
  readonly request: UrlRequest;
  readonly incoming: IncomingMessage;
  /** Set once it is known who calls. */
  caller?: Caller;
}

/** Tells the audit, if it wants to know. Throws ServiceError when nothing more can be recorded. */
export async function tellAudit(
  audit: CallAudit | undefined,
  visit: AuditedVisit,
  located: LocatedUrl,
  error: unknown,
): Promise<void> {
  if (audit?.wants("lambda", operation) === true) await audit.record(auditedVisit(visit, located, error));
}

function auditedVisit(visit: AuditedVisit, { scope, url }: LocatedUrl, error: unknown): AuditedCall {
  const { request, incoming, requestId, caller } = visit;
  return {
    requestId,
    service: "lambda",
    operation,
    caller,
    claimed: undefined,
    receivedAt: request.receivedAt,
    sourceIp: request.sourceIp,
    userAgent: headerOf(request, "user-agent"),
    host: incoming.headers.host,
    tls: tlsOf(incoming),
    error: error === undefined ? undefined : errorOf(error),
    parameters: () => ({ functionName: functionArn(scope, url.name, url.qualifier), httpMethod: request.method }),
    elements: () => undefined,
  };
}

function errorOf(error: unknown): { code: string; message: string } {
  if (error instanceof ServiceError) return { code: error.code, message: error.message };
  return { code: "ServiceException", message: "Service encountered an internal error." };
}

/** Whoever calls a URL that asks for no identity. */
export function anonymous({ scope }: LocatedUrl): Caller {
  return { ...scope, kind: "anonymous", userId: "", accessKeyId: "", arn: "" };
}
