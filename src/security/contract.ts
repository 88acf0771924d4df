/** The questions that the wire asks about every call: who is it, and may it. */
import type { IncomingHttpHeaders } from "node:http";
import type { Scope } from "../base/scope.ts";
import type { CallContext, Caller } from "../wire/contract.ts";

/** What a request's credentials claim; nothing of it is proven. */
export interface CredentialScope {
  /** AKIA…, ASIA…, or any key under `--auth off`. */
  readonly accessKeyId: string;
  /** `YYYYMMDD`. */
  readonly date: string;
  /** Empty for signatures that are good in every region (SigV4A). */
  readonly region: string;
  /** Signing name: `lambda`, `logs`, … */
  readonly service: string;
}

/** What an authenticator may look at. */
export interface RequestFacts {
  readonly method: string;
  /** Path as it was sent, still percent-encoded. */
  readonly path: string;
  /** Query as it was sent, without the question mark; empty without one. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** The whole body, for the payload hash. */
  readonly body: Uint8Array;
  /** ms since the epoch. */
  readonly receivedAt: number;
}

export interface Authenticator {
  /**
   * What the request claims; undefined when it is not signed. Also used to find the service that is meant, so it must be
   * cheap. Throws ServiceError for a signature that cannot be read.
   */
  scopeOf(headers: IncomingHttpHeaders, query: string): CredentialScope | undefined;
  /** Who calls. Throws ServiceError: UnrecognizedClientException, SignatureDoesNotMatch, … */
  authenticate(request: RequestFacts, claimed: CredentialScope | undefined): Caller | Promise<Caller>;
}

export interface Authorizer {
  /** Returns when the call is allowed; throws ServiceError AccessDeniedException (403) when not. `input` is already valid. */
  authorize(context: CallContext, input: unknown): void | Promise<void>;
}

/** A request at a function URL, with what its configuration and its target say. */
export interface UrlAccess {
  readonly authType: "NONE" | "AWS_IAM";
  readonly scope: Scope;
  /** Of the function or of the alias: the resource whose policy decides. */
  readonly functionArn: string;
  readonly request: RequestFacts;
}

/** The caller of a function URL with AWS_IAM, as its function sees it: `requestContext.authorizer.iam`. */
export interface UrlCaller {
  readonly accessKey: string;
  readonly accountId: string;
  readonly callerId: string;
  readonly cognitoIdentity: null;
  readonly principalOrgId: string | null;
  readonly userArn: string;
  readonly userId: string;
}

export interface UrlAuthorizer {
  /**
   * Returns when the request may call the function: the caller for AWS_IAM, undefined for NONE, where the policy of the
   * resource has to allow `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction` to everyone
   * (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html). Throws ServiceError AccessDeniedException (403).
   */
  authorizeUrl(access: UrlAccess): UrlCaller | undefined | Promise<UrlCaller | undefined>;
}

/** What AWS tells a caller of a function URL who is not allowed, whatever the reason is. */
export const URL_FORBIDDEN =
  "Forbidden. For troubleshooting Function URL authorization issues, see: " +
  "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";
