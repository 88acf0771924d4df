/** What a service gives to the wire, and what the wire gives to a service's operations. */
import type { Scope } from "../base/scope.ts";

/** Whom credentials stand for. */
export interface Principal {
  readonly kind: "root" | "user" | "session" | "anonymous";
  readonly account: string;
  /** AWS's `aws:userid`: the account of a root, `AIDA…`, `AROA…:SESSION`. */
  readonly userId: string;
  /** `arn:aws:iam::ACCOUNT:root`, `…:user/NAME`, `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, … */
  readonly arn: string;
  /** Of a session that an identity of an Amazon Cognito identity pool has taken. */
  readonly cognito?: CognitoIdentity;
}

export interface CognitoIdentity {
  /** `us-east-1:UUID` */
  readonly identityId: string;
  readonly identityPoolId: string;
}

/** Who calls, and where, as the request's credentials say. */
export interface Caller extends Scope, Principal {
  readonly accessKeyId: string;
  readonly account: string;
  /** What the security side knows of the caller; nobody else looks into it. */
  readonly access?: object | undefined;
}

export interface CallContext {
  readonly requestId: string;
  readonly caller: Caller;
  readonly service: string;
  readonly operation: string;
  /** `http://host:port` (`https://…` over TLS) as the client reached Kiln: for URLs in answers. */
  readonly endpoint: string;
  /** Address of the connection's other end. */
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  /** The client's X-Amzn-Trace-Id, or a new one. */
  readonly traceId: string;
  /** The client's alone. */
  readonly sentTraceId: string | undefined;
  /** Headers of the answer, by lower-case name, that no member of the output stands for. */
  readonly answerHeaders: Record<string, string>;
  /** ms since the epoch. */
  readonly receivedAt: number;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** A call that has come to its end, as the audit is told of it. */
export interface AuditedCall {
  readonly requestId: string;
  readonly service: string;
  /** Undefined when the request means none. */
  readonly operation: string | undefined;
  /** Undefined when it is not known who called. */
  readonly caller: Caller | undefined;
  /** What the request claims of itself; nothing of it is proven. */
  readonly claimed: { readonly accessKeyId: string; readonly region: string } | undefined;
  /** ms since the epoch. */
  readonly receivedAt: number;
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  /** As the client sent it. */
  readonly host: string | undefined;
  /** Of the connection, where it has TLS. */
  readonly tls: { readonly version: string; readonly cipher: string } | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  /** Input and output as JSON, without what their shapes call sensitive. Undefined where there is none. */
  parameters(): Record<string, unknown> | undefined;
  elements(): Record<string, unknown> | undefined;
}

/** Is told of every call that it wants to know of, at one place. */
export interface CallAudit {
  wants(service: string, operation: string | undefined): boolean;
  /** Before a call changes anything. Throws ServiceError when it could not be recorded. */
  admit(service: string, operation: string): void | Promise<void>;
  /** Before the answer leaves. Throws ServiceError when the record has to be on disk and is not. */
  record(call: AuditedCall): void | Promise<void>;
}

/** One operation: typed input in (already checked against the constraints), typed output out, ServiceError thrown. */
export type Operation<Input = never, Output = unknown> = (input: Input, context: CallContext) => Promise<Output>;

export type ProtocolName = "rest-json" | "aws-json" | "query";

/** Of a service's API in the query protocol. */
export interface QueryVersion {
  /** `2010-05-08` */
  readonly version: string;
  /** Of the answers. */
  readonly xmlNamespace: string;
  /** Names that the schemas do not say, in a service whose lists and maps are all flat. */
  readonly flattened?: FlattenedNames;
  /** Paths that are taken besides `/`, and the parameter that they stand for where it is not given. */
  readonly ofPath?: { readonly pattern: RegExp; readonly parameter: string };
}

/** By the names of members in the schemas. */
export interface FlattenedNames {
  /** `AttributeNames: "AttributeName"`; a list of structures that is not here is called as they are. */
  readonly members: Readonly<Record<string, string>>;
  /** Key and value of a map's entries. */
  readonly entries: Readonly<Record<string, readonly [key: string, value: string]>>;
}

export interface ServiceDefinition {
  /** SigV4 signing name and endpoint prefix: `lambda`, `logs`. */
  readonly name: string;
  readonly protocol: ProtocolName;
  /** Prefix of X-Amz-Target for aws-json, for instance `Logs_20140328`. */
  readonly target?: string;
  /**
   * Of a service that spoke the query protocol before aws-json, and whose clients still go by its error codes: the codes
   * that its error shapes do not say (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, awsQueryCompatible).
   */
  readonly queryCodes?: Readonly<Record<string, string>>;
  /**
   * For the query protocol. A service of another protocol that has this speaks it too, with clients that name no
   * operation in X-Amz-Target.
   */
  readonly query?: QueryVersion;
  /** Operations that are called without a signature: their input proves the caller. */
  readonly unsigned?: readonly string[];
  /** Every operation schema of the service, from its official SDK client: `Object.values(await import(client))` filtered. */
  readonly schemas: readonly unknown[];
  /** By operation name; an operation without a handler answers 501 NotImplementedException. */
  readonly operations: Readonly<Record<string, Operation>>;
  /** Constraint table, see `wire/constraints`. */
  readonly constraints: unknown;
}

/** A service that is loaded when a request first means it. What it says here, its definition says as well. */
export interface DeferredService extends Pick<ServiceDefinition, "name" | "target"> {
  /** Of one that takes forms: see `QueryVersion.ofPath`. */
  readonly forms?: Pick<QueryVersion, "ofPath">;
  /** Called again after it has failed. */
  load(): Promise<ServiceDefinition>;
}
