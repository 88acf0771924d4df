/** The questions that the wire asks about every call: who is it, and may it. */
import type { IncomingHttpHeaders } from "node:http";
import type { Scope } from "../base/scope.ts";
import type { CallContext, Caller, Principal } from "../wire/contract.ts";

export type { AuditLog, AuditRecord, NumberedRecord } from "./audit/contract.ts";
export type { Trail, Trails } from "./audit/trails/contract.ts";
export type { PolicyPrincipal } from "./policy/index.ts";

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

/** What an authenticator may look at before the body is read. */
export interface RequestHead {
  readonly method: string;
  /** Path as it was sent, still percent-encoded. */
  readonly path: string;
  /** Query as it was sent, without the question mark; empty without one. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value, … as they were sent. */
  readonly rawHeaders: readonly string[];
  /** Address of the connection's other end. */
  readonly sourceIp?: string;
}

/** Who calls, once the whole body is known. Throws ServiceError when it is not what was signed. */
export type Authentication = (body: Uint8Array) => Caller;

export interface Authenticator {
  /**
   * What the request claims; undefined when it is not signed. Also used to find the service that is meant, so it must be
   * cheap. Throws ServiceError for a signature that cannot be read.
   */
  scopeOf(headers: IncomingHttpHeaders, query: string): CredentialScope | undefined;
  /**
   * Checks all that can be checked without the body, so that nothing large is read for whoever cannot sign. `service`: the
   * signing name of the service that is meant. Throws ServiceError, at once or later: UnrecognizedClientException,
   * InvalidSignatureException, …
   */
  authenticate(
    request: RequestHead,
    claimed: CredentialScope | undefined,
    service: string,
  ): Authentication | Promise<Authentication>;
  /** Who calls an operation that needs no signature. Throws ServiceError for whoever may not even do that. */
  anonymous(request: RequestHead): Caller;
}

/** What proves a caller. */
export interface Credential {
  readonly secretAccessKey: string;
  readonly principal: Principal;
  /** ms since the epoch; absent for keys that do not end. */
  readonly expiresAt?: number;
  /** Goes with the caller to whoever decides what it may. */
  readonly access?: object | undefined;
}

/** Keeps secrets that are stored: what is sealed can be read by whoever has the key and knows what it was sealed for. */
export interface SecretBox {
  /** `purpose` is not secret; another one does not open it. */
  seal(secret: string, purpose: string): string;
  /** Undefined for what was not sealed with this key and for this purpose, or was changed. */
  open(sealed: string, purpose: string): string | undefined;
}

export interface CredentialSource {
  /**
   * Undefined for keys that nobody has, that are not active, or that do not belong to this session token: a caller learns
   * no more than that they are not good.
   */
  find(accessKeyId: string, sessionToken: string | undefined): Credential | undefined | Promise<Credential | undefined>;
}

export interface Authorizer {
  /**
   * Returns when the call is allowed; throws ServiceError AccessDeniedException (403), at once or later, when not. `input`
   * is already valid.
   */
  authorize(context: CallContext, input: unknown): void | Promise<void>;
  /** The same for one thing that an operation finds out it needs. */
  permit(context: CallContext, needed: Permission): void | Promise<void>;
}

/** A request at a function URL, with what its configuration and its target say. */
export interface UrlAccess {
  readonly authType: "NONE" | "AWS_IAM";
  readonly scope: Scope;
  /** Of the function or of the alias: the resource whose policy decides. */
  readonly functionArn: string;
  readonly request: RequestHead;
  readonly sourceIp: string;
  /** True over TLS. */
  readonly secure: boolean;
  readonly receivedAt: number;
}

/** Throws ServiceError for a body that is not the one that was signed, and AccessDeniedException. */
export type AuthorizedUrl = (body: Uint8Array) => Caller | undefined | Promise<Caller | undefined>;

export interface UrlAuthorizer {
  /**
   * Returns when the request may call the function, before its body is read: the caller for AWS_IAM, undefined for NONE, where the policy of the
   * resource has to allow `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction` to everyone
   * (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html). Throws ServiceError AccessDeniedException (403).
   */
  authorizeUrl(access: UrlAccess): AuthorizedUrl | Promise<AuthorizedUrl>;
}

/** What AWS tells a caller of a function URL who is not allowed, whatever the reason is. */
export const URL_FORBIDDEN =
  "Forbidden. For troubleshooting Function URL authorization issues, see: " +
  "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

/** One thing that a call has to be allowed to do. */
export interface Permission {
  /** `lambda:GetFunction` */
  readonly action: string;
  /** ARN, or `*` where the action is about no resource in particular. */
  readonly resource: string;
  /** Condition keys of this action, by their names in lower case. */
  readonly keys?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The resource is one that may have a policy of its own, a function or a queue: that has a say. */
  readonly ownPolicy?: boolean;
  /** That policy has to allow it, or leave it to the account's own policies, as it is with keys; the root is never kept out. */
  readonly policyRequired?: boolean;
  /** ARNs and ids of principals who may do just this, whatever the resource's policy leaves out. */
  readonly grantees?: readonly string[];
}

/** What an operation needs, by its valid input; none where the operation decides by itself. */
export type PermissionsOf = (
  input: Readonly<Record<string, unknown>>,
  context: CallContext,
) => readonly Permission[] | Promise<readonly Permission[]>;

/** By the names of operations, for every one that is built. */
export type PermissionTable = Readonly<Record<string, PermissionsOf>>;
