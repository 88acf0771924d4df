/** The data plane, as the API and the pollers use it. */
import type { Scope } from "../base/scope.ts";
import type { Assignment, CallResult, ResponseSink } from "../worker/contract.ts";

export interface InvokeRequest {
  scope: Scope;
  functionName: string;
  /** Version, alias or `$LATEST`; absent means `$LATEST`. */
  qualifier?: string;
  requestId: string;
  /** Only looked at until the call is over: its memory may be given back then. */
  payload: Uint8Array;
  traceId?: string;
  clientContext?: string;
  /** JSON: `cognitoIdentityId`, `cognitoIdentityPoolId`. */
  cognitoIdentity?: string;
  tenantId?: string;
  tail: boolean;
  /** See Call: where the answer goes while it arrives. */
  stream?: (head: StreamHead) => ResponseSink;
}

/** How a streamed answer begins. */
export interface StreamHead {
  contentType: string;
  executedVersion: string;
}

/** An answer that may still be on its way. */
export interface StreamedAnswer {
  /** Undefined: the call is over, and the function has failed before it has answered anything. */
  contentType: string | undefined;
  executedVersion: string;
  /** The answer's bytes as they come; for one reader. */
  body: AsyncIterable<Uint8Array>;
  /** Nobody reads on. The function runs to its end, as on AWS, and what it still answers is thrown away. Idempotent. */
  discard: () => void;
  /** How the call has ended. The body may be read to its end before. */
  completed: Promise<InvokeAnswer>;
}

export interface InvokeAnswer extends CallResult {
  executedVersion: string;
  /** Trace header that the function was given: what comes of its answer goes on with it. */
  traceId?: string;
}

export interface Invoker {
  /** Request-response. Throws ServiceError: ResourceNotFoundException, TooManyRequestsException, ResourceConflictException, … */
  invoke(request: InvokeRequest): Promise<InvokeAnswer>;
  /** The same with the answer while it arrives, no faster than AWS's bandwidth for streams. */
  invokeStream(request: Omit<InvokeRequest, "stream">): Promise<StreamedAnswer>;
  /** Ends the environments of a function (or of one version of it) whose key is no longer `current`. */
  retire(scope: Scope, functionName: string, version?: string): Promise<void>;
  /** Refuses new calls, waits for running ones. */
  close(graceMs: number): Promise<void>;
}

/** Counts environments that no call waits for and that belong to no function's fleet: those whose snapshots are taken. */
export interface Reserver {
  /** Waits until the machine has the memory, and promises it until what comes back is called. Throws KilnError WORKER_CLOSED. */
  reserve(memoryMB: number): Promise<() => void>;
}

/** Keeps environments initialised ahead of calls: provisioned concurrency. */
export interface Provisioner {
  /**
   * All that is wanted of a function from now on; versions that are not in it are given up. Returns at once: environments
   * are started, replaced and ended in the background, a failed start is tried again later and later. Asking again for
   * what is there already changes nothing.
   */
  provision(scope: Scope, functionName: string, wanted: readonly ProvisionedVersion[]): void;
  /** How far it is with a version. */
  state(scope: Scope, functionName: string, version: string): ProvisionedState;
}

export interface ProvisionedVersion {
  /** A number. */
  version: string;
  /** Environments, at least 1. */
  count: number;
  /** Changes with every request of a user, so that one that repeats a failed request is an attempt of its own. */
  revision: string;
}

export interface ProvisionedState {
  status: "IN_PROGRESS" | "READY" | "FAILED";
  /** With `FAILED`: `FUNCTION_ERROR_INIT_FAILURE`, or why the host has no environment. */
  reason?: string;
  /** Environments that are initialised. */
  allocated: number;
  /** Those of them that calls may have. */
  available: number;
}

/** What invoke needs to know of a function; implemented by the functions domain. Cached there, cheap on every call. */
export interface FunctionDirectory {
  /**
   * Throws ServiceError as AWS does: ResourceNotFoundException for an unknown function or qualifier,
   * ResourceConflictException while it is Pending, InvalidRuntimeException, …
   */
  resolve(scope: Scope, functionName: string, qualifier: string | undefined): Promise<Target> | Target;
  /** Concurrency that the account has: AWS's ConcurrentExecutions, default 1,000. */
  accountConcurrency(scope: Scope): number;
  /**
   * What functions without a reservation cannot use of the account's concurrency: the sum of all reservations, and of what
   * is provisioned for functions without one. Absent means none.
   */
  reservedConcurrency?(scope: Scope): number;
}

export interface Target {
  functionName: string;
  /** Resolved version. */
  version: string;
  /** ARN as invoked. */
  invokedArn: string;
  /** Changes with code and configuration. */
  key: string;
  /** Reserved concurrency of the function, if it has any. */
  reservedConcurrency?: number;
  /** Provisioned concurrency of this version, if it has any: calls of it take that first. */
  provisionedConcurrency?: number;
  /** Provisioned concurrency of all versions of the function, which its other calls cannot use. */
  provisionedTotal?: number;
  /** Its calls name a tenant, and no environment serves two. */
  perTenant?: boolean;
  /** By which recursive loops through the function are found; absent: they are not. */
  recursion?: {
    /** See `lineageId`. */
    id: string;
    /** Whether a call that is part of such a loop is stopped. */
    terminate: boolean;
  };
  /** Made when an environment is needed: prepares the artifact, decrypts variables, makes credentials. */
  assignment(): Promise<Assignment>;
}

/** On `node:diagnostics_channel` under this name: every call, once, when it has its answer. */
export const INVOKE_CHANNEL = "kiln:invoke";

export interface InvokeEvent {
  account: string;
  region: string;
  functionName: string;
  /** Absent when the call was refused before its version was known. */
  version?: string;
  requestId: string;
  /** `throttled`: refused for want of concurrency; `recursive`: as part of a loop; `refused`: no such function and the like; `fault`: Kiln failed. */
  outcome: "success" | "function-error" | "timeout" | "throttled" | "recursive" | "refused" | "fault";
  /** ms from the call's arrival to its answer: with waiting and cold start. */
  totalMs: number;
  /** Present when the function ran. */
  result?: { durationMs: number; billedMs: number; initMs?: number; maxMemoryMB: number };
  /** Calls of the account in this region that run now, this one included. */
  concurrency: number;
}

/** A call that nobody waits for. Its payload has at most 1 MiB. */
export type EventRequest = Omit<InvokeRequest, "tail" | "stream">;

/** Asynchronous calls (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html): accepted now, made later. */
export interface EventQueue {
  /**
   * Resolves when the event is on disk: from then on it is run at least once, and again after failures, in no order.
   * Throws ServiceError as `Invoker.invoke` does where there is no such function, KilnError when it cannot be kept.
   */
  accept(request: EventRequest): Promise<void>;
  /** Goes on with what an earlier process has left. Call once. */
  start(): Promise<void>;
  /** Takes no more from the queues and waits for running calls; what is unfinished stays in the queues. */
  close(graceMs: number): Promise<void>;
}

/** What is done with the events of a function, version or alias; implemented by the functions domain. */
export interface EventSettings {
  /** ARN with the qualifier, `$LATEST` where the call named none. */
  functionArn: string;
  /** 0 to 2. */
  maximumRetryAttempts: number;
  maximumEventAgeSeconds: number;
  /** ARNs of destinations and of the dead-letter queue. */
  onSuccess?: string;
  onFailure?: string;
  deadLetter?: string;
  /** The function's reserved concurrency is 0: it is switched off. */
  switchedOff: boolean;
}

/** Undefined when there is no such function or qualifier any more. */
export type EventSettingsOf = (
  scope: Scope,
  functionName: string,
  qualifier: string | undefined,
) => Promise<EventSettings | undefined>;

/** One message to a queue, a topic, a bus, a bucket or another function. */
export interface Delivery {
  scope: Scope;
  /** ARN of where it goes. */
  target: string;
  /** ARN of the function that it comes from. */
  source: string;
  requestId: string;
  /** JSON text. */
  body: string;
  /** The result of a call that succeeded. */
  succeeded?: boolean | undefined;
  /** Where a bucket keeps it: the beginning of the object's key, without a slash at its end. */
  folder?: string | undefined;
  /** Trace header, so that a loop that leads through the target is found. */
  traceId?: string | undefined;
  /** Message attributes, where the target has such a thing. */
  attributes?: Readonly<Record<string, { type: "String" | "Number"; value: string }>>;
}

/** Resolves when the target has it. Throws ServiceError where trying again is no use, anything else where it may be. */
export type Deliver = (delivery: Delivery) => Promise<void>;

/** On `node:diagnostics_channel` under this name: what becomes of events, each step once. */
export const EVENT_CHANNEL = "kiln:event";

export interface EventStep {
  /**
   * `received`: on disk. `started`: a call of it begins. `throttled` and `retried`: it is back in the queue. `done`: a
   * call has succeeded. `dropped`: it is given up, after its failure was delivered if anything wants it. `forgotten`: it is
   * no longer on disk. `found`: an earlier process has left so many events of the function (`count`).
   * `delivery-failed`: a destination or dead-letter queue could not be given what belongs there.
   */
  step:
    | "received"
    | "started"
    | "throttled"
    | "retried"
    | "done"
    | "dropped"
    | "delivery-failed"
    | "forgotten"
    | "found";
  account: string;
  region: string;
  functionName: string;
  qualifier?: string;
  requestId: string;
  /** ms since it was accepted. */
  ageMs: number;
  /** With `found`. */
  count?: number;
  /** With `dropped` and `delivery-failed`. */
  reason?: string;
  /** With `delivery-failed`: it was for the dead-letter queue, not for a destination. */
  deadLetter?: boolean;
}
