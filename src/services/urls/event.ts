/**
 * From a request to the event that its function gets: payload format 2.0
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html). Where recorded events differ from that page they
 * are followed: `accountId` is `anonymous` for URLs without authentication; members that the page calls unused are absent;
 * cookies are in `cookies` and in `headers`; `rawPath` stays percent-encoded; a client's own X-Forwarded-For is kept.
 */
import { isUtf8 } from "node:buffer";
import type { Caller } from "../../wire/contract.ts";
import { headerOf, type UrlRequest } from "./request.ts";

export interface EventFacts {
  readonly urlId: string;
  readonly requestId: string;
  /** Value of X-Amzn-Trace-Id. */
  readonly traceId: string;
  /** Who calls; undefined where the URL asks for no identity. */
  readonly caller: Caller | undefined;
}

/** Headers about the connection, which ends here (RFC 9110, 7.6.1), or about what was agreed on before the body came. */
const ofConnection = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "expect",
]);

export function eventOf(request: UrlRequest, body: Buffer, facts: EventFacts): Record<string, unknown> {
  const cookies = cookiesOf(request);
  const { method, path, query, protocol, sourceIp, domain } = request;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers: headersOf(request, facts.traceId),
    ...(query === "" ? {} : { queryStringParameters: parametersOf(query) }),
    requestContext: {
      accountId: facts.caller?.account ?? "anonymous",
      apiId: facts.urlId,
      ...(facts.caller === undefined ? {} : { authorizer: { iam: iamOf(facts.caller) } }),
      domainName: domain,
      domainPrefix: facts.urlId,
      http: { method, path, protocol, sourceIp, userAgent: headerOf(request, "user-agent") ?? "" },
      requestId: facts.requestId,
      routeKey: "$default",
      stage: "$default",
      time: commonLogTime(request.receivedAt),
      timeEpoch: request.receivedAt,
    },
    ...bodyOf(body, headerOf(request, "content-type")),
  };
}

/** The caller of a function URL with AWS_IAM, as its function sees it. */
function iamOf({ accessKeyId, account, arn, userId }: Caller): Record<string, string | null> {
  return {
    accessKey: accessKeyId,
    accountId: account,
    callerId: userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: arn,
    userId,
  };
}

function headersOf(request: UrlRequest, traceId: string): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [name, values] of request.headers) {
    if (!ofConnection.has(name)) headers.set(name, values.join(name === "cookie" ? "; " : ","));
  }
  if (!headers.has("x-forwarded-for")) headers.set("x-forwarded-for", request.sourceIp);
  headers.set("x-forwarded-port", String(request.port));
  headers.set("x-forwarded-proto", request.secure ? "https" : "http");
  headers.set("x-amzn-trace-id", traceId);
  return Object.fromEntries(headers);
}

function cookiesOf(request: UrlRequest): string[] {
  const sent = request.headers.get("cookie") ?? [];
  return sent
    .flatMap((header) => header.split(";"))
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== "");
}

/** Decoded; several values of one name are joined with commas. */
function parametersOf(query: string): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(values);
}

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(milliseconds: number): string {
  const [, day = "", month = "", year = "", time = ""] = new Date(milliseconds).toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}

/**
 * Types whose bodies are text, as API Gateway's and Lambda's front ends were seen to decide: everything else, forms and
 * bodies without a type too, comes in Base64. So does what calls itself text and is no UTF-8: its bytes would be lost.
 */
const textTypes = /^(?:text\/.*|application\/(?:json|xml|javascript))$/;

function bodyOf(body: Buffer, contentType = ""): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const [type = ""] = contentType.split(";");
  if (textTypes.test(type.trim().toLowerCase()) && isUtf8(body)) {
    return { body: body.toString("utf8"), isBase64Encoded: false };
  }
  return { body: body.toString("base64"), isBase64Encoded: true };
}
