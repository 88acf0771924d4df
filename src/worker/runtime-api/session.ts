import { Buffer } from "node:buffer";
import type { ResponseSink } from "../contract.ts";
import type { Extensions } from "../extensions-api/index.ts";
import type { Telemetry } from "../telemetry-api/index.ts";
import type { WaitPlan } from "./http/plan.ts";
import { headerValue, jsonReply, type Reply } from "./http/reply.ts";

/** States of a runtime, by the names that AWS's error messages use. */
export type RuntimeState =
  | "Started"
  | "InitError"
  | "Ready"
  | "Running"
  | "InvocationResponse"
  | "InvocationErrorResponse"
  | "RuntimeResponseSentState"
  | "RestoreReady"
  | "Restoring"
  | "RuntimeRestoreErrorState";

/** An event for the runtime. */
export interface NextEvent {
  requestId: string;
  /** ms since the epoch. */
  deadlineMs: number;
  invokedArn: string;
  traceId: string;
  clientContext?: string;
  cognitoIdentity?: string;
  tenantId?: string;
  payload: Uint8Array;
}

/** What went wrong, as the caller is told: `payload` is JSON bytes. */
export interface FunctionFailure {
  /** For instance `Runtime.ImportModuleError`; goes into the REPORT line of a failed init. */
  type: string;
  payload: Uint8Array;
}

/** How a streamed answer has ended, as far as the runtime sees to it. */
export interface StreamEnd {
  /** `reported`: by the function. `cut`: the platform ended it. */
  failure?: FunctionFailure & { by: "reported" | "cut" };
  /** The runtime has hung up inside its answer, which is what one does that dies. */
  hungUp?: boolean;
}

/** What a runtime does, as the environment sees it. */
export interface RuntimeListener {
  /** It asks for an event: its init phase is over, or it has finished with the last call. */
  ready(): void;
  responded(payload: Uint8Array): void;
  /**
   * The answer of the current call begins to arrive. Where it goes while it does, if the caller has it streamed: then
   * `streamed` ends it and `responded` is not called. Undefined: it is wanted whole.
   */
  streaming(contentType: string): ResponseSink | undefined;
  streamed(end: StreamEnd): void;
  failed(failure: FunctionFailure): void;
  initFailed(failure: FunctionFailure): void;
  /** It has run its hooks before a snapshot, and waits to hear that it has been restored. */
  restoreReady(): void;
  /** One of its hooks after the restore has failed. */
  restoreFailed(failure: FunctionFailure): void;
}

/** Credentials that a function asks for, instead of finding them among its variables. */
export interface ServedCredentials {
  /** What the request has to show: AWS_CONTAINER_AUTHORIZATION_TOKEN. */
  readonly token: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

const silent: RuntimeListener = {
  ready: () => undefined,
  responded: () => undefined,
  streaming: () => undefined,
  streamed: () => undefined,
  failed: () => undefined,
  initFailed: () => undefined,
  restoreReady: () => undefined,
  restoreFailed: () => undefined,
};

export interface SessionOptions {
  listener: RuntimeListener;
  preboot?: boolean | undefined;
  extensions: Extensions;
  telemetry: Telemetry;
  credentials?: ServedCredentials | undefined;
  /**
   * `snapshot`: the runtime is initialised for a snapshot. `restored`: it comes out of one, and waits to hear that, or for
   * an event. Absent: it hears nothing of snapshots.
   */
  snapStart?: "snapshot" | "restored" | undefined;
}

const EMPTY_EVENT = Buffer.from("{}");

/**
 * The state of one runtime process, as AWS's Runtime API keeps it (`core/states.go` of the Runtime Interface
 * Emulator). The socket is the identity, so there is one session for each environment and nothing to look up.
 */
export class Session {
  state: RuntimeState = "Started";
  listener: RuntimeListener;
  /** The call that the runtime has, or that waits for it to ask again; its id is the only valid one. */
  #current: NextEvent | undefined;
  /** Requests for the next event, the latest last: an older connection may be dead without our knowing. */
  readonly #asking: ((reply: Reply) => void)[] = [];
  #assignment: string | undefined;
  #awaitingAssignment: ((reply: Reply) => void)[] = [];
  readonly #asked = Promise.withResolvers<void>();
  readonly assignmentAsked = this.#asked.promise;
  readonly preboot: boolean;
  readonly extensions: Extensions;
  readonly telemetry: Telemetry;
  readonly credentials: ServedCredentials | undefined;
  /** Whether the runtime may wait for a restore. */
  readonly snapshots: boolean;

  constructor(options: SessionOptions) {
    this.listener = options.listener;
    this.preboot = options.preboot ?? false;
    this.extensions = options.extensions;
    this.telemetry = options.telemetry;
    this.credentials = options.credentials;
    this.snapshots = options.snapStart !== undefined;
    if (options.snapStart === "restored") this.state = "Restoring";
  }

  isCurrent(requestId: string): boolean {
    return this.#current?.requestId === requestId;
  }

  /** Hands over an event. The runtime gets it now, or when it asks again because its connection was lost. */
  give(event: NextEvent): void {
    this.#current = event;
    this.state = "Ready";
    const ask = this.#asking.pop();
    if (ask !== undefined) this.#deliver(ask, event);
  }

  /** The runtime asks for an event. While it has one, it gets the same one again, as on AWS. */
  ask(): WaitPlan {
    const again = this.state === "Running";
    let send: ((reply: Reply) => void) | undefined;
    return {
      kind: "wait",
      wasted: again,
      start: (reply) => {
        send = reply;
        if (this.state === "Started" || this.state === "RuntimeResponseSentState" || this.state === "Restoring") {
          this.state = "Ready";
          this.#current = undefined;
          this.#asking.push(reply);
          this.listener.ready();
        } else if (this.#current !== undefined) this.#deliver(reply, this.#current);
        else this.#asking.push(reply);
      },
      cancelled: () => {
        const index = send === undefined ? -1 : this.#asking.indexOf(send);
        if (index !== -1) this.#asking.splice(index, 1);
      },
    };
  }

  /**
   * The runtime is ready to be restored. Its snapshot is taken while it waits, so that it never hears an answer: what comes out
   * of the snapshot finds its connection ended, asks again, and is answered at once.
   */
  askRestore(): WaitPlan {
    return {
      kind: "wait",
      wasted: this.state === "RestoreReady",
      start: (reply) => {
        if (this.state === "Restoring") return reply(restored);
        if (this.state === "RestoreReady") return;
        this.state = "RestoreReady";
        this.listener.restoreReady();
      },
      cancelled: () => undefined,
    };
  }

  /** Nothing that the runtime still sends reaches the environment. */
  silence(): void {
    this.listener = silent;
  }

  /** The answer of the current call is complete. */
  answered(): void {
    this.state = "RuntimeResponseSentState";
  }

  assign(env: Readonly<Record<string, string>>): void {
    this.#assignment = JSON.stringify({ env });
    for (const send of this.#awaitingAssignment.splice(0)) this.#sendAssignment(send, this.#assignment);
  }

  askAssignment(): WaitPlan {
    let send: ((reply: Reply) => void) | undefined;
    return {
      kind: "wait",
      wasted: true,
      start: (reply) => {
        send = reply;
        this.#asked.resolve();
        if (this.#assignment === undefined) this.#awaitingAssignment.push(reply);
        else this.#sendAssignment(reply, this.#assignment);
      },
      cancelled: () => {
        this.#awaitingAssignment = this.#awaitingAssignment.filter((other) => other !== send);
      },
    };
  }

  #sendAssignment(send: (reply: Reply) => void, body: string): void {
    send({ status: 200, contentType: "application/json", body });
  }

  #deliver(send: (reply: Reply) => void, event: NextEvent): void {
    this.state = "Running";
    const { clientContext, cognitoIdentity, tenantId } = event;
    send({
      status: 200,
      contentType: "application/json",
      headers:
        `Lambda-Runtime-Aws-Request-Id: ${event.requestId}\r\n` +
        `Lambda-Runtime-Deadline-Ms: ${event.deadlineMs}\r\n` +
        `Lambda-Runtime-Invoked-Function-Arn: ${headerValue(event.invokedArn)}\r\n` +
        `Lambda-Runtime-Trace-Id: ${headerValue(event.traceId)}\r\n` +
        (clientContext === undefined ? "" : `Lambda-Runtime-Client-Context: ${headerValue(clientContext)}\r\n`) +
        (cognitoIdentity === undefined ? "" : `Lambda-Runtime-Cognito-Identity: ${headerValue(cognitoIdentity)}\r\n`) +
        (tenantId === undefined ? "" : `Lambda-Runtime-Aws-Tenant-Id: ${headerValue(tenantId)}\r\n`),
      // A call without a payload is an empty object to the function.
      body: event.payload.length === 0 ? EMPTY_EVENT : event.payload,
    });
  }
}

/** AWS: 200 without a body. */
const restored: Reply = { status: 200, contentType: "text/plain", body: "" };

/** The body of an error as AWS writes it. */
export function failure(type: string, message: string): FunctionFailure {
  return { type, payload: Buffer.from(JSON.stringify({ errorMessage: message, errorType: type })) };
}

/** AWS: 403 InvalidStateTransition. */
export function wrongState(session: Session, wanted: RuntimeState): Reply {
  return jsonReply(403, {
    errorMessage: `State transition from ${session.state} to ${wanted} failed for runtime. Error: State transition is not allowed`,
    errorType: "InvalidStateTransition",
  });
}

/** AWS: 400 InvalidRequestID. */
export const invalidRequestId: Reply = jsonReply(400, {
  errorMessage: "Invalid request ID",
  errorType: "InvalidRequestID",
});

/** AWS: 202. */
export const accepted: Reply = { ...jsonReply(202, { status: "OK" }), canWait: true };
