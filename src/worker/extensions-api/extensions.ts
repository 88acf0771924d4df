import { randomUUID } from "node:crypto";
import type { Reply } from "../runtime-api/http/reply.ts";
import type { Extension, ExtensionState, LifecycleEvent } from "./extension.ts";

/** AWS: "You can register up to 10 extensions for a function." */
export const MOST_EXTENSIONS = 10;

/** What an extension learns of its function when it registers. */
export interface FunctionFacts {
  functionName: string;
  functionVersion: string;
  handler: string;
  accountId: string;
}

/** One call, as extensions hear of it. */
export interface InvokeNotice {
  requestId: string;
  /** ms since the epoch. */
  deadlineMs: number;
  invokedArn: string;
  traceId: string;
}

export type ShutdownReason = "spindown" | "timeout" | "failure";

/** What a platform log says of one extension. */
export type ExtensionFacts = Pick<Extension, "name" | "state" | "events" | "errorType">;

/** Why a registration is refused, in AWS's words. */
export interface Refusal {
  type: string;
  message: string;
}

export interface ExtensionsOptions {
  /** File names in /opt/extensions. */
  external: readonly string[];
  /** One has registered, has become ready, or has reported an error. */
  changed: () => void;
}

/**
 * The extensions of one environment, and where each of them stands: AWS's state machine (`core/externalagent_states.go`
 * and `core/registrations.go` of its Runtime Interface Emulator).
 */
export class Extensions {
  facts: FunctionFacts = { functionName: "", functionVersion: "", handler: "", accountId: "" };
  /** Type of the first fatal error; it names the failure that follows. */
  fatal: string | undefined;
  readonly #all: Extension[] = [];
  readonly #changed: () => void;
  /** From the runtime's first request for an event on, nobody can register. */
  #closed = false;
  #shutdown: string | undefined;

  constructor({ external, changed }: ExtensionsOptions) {
    this.#changed = changed;
    for (const name of external) this.#add(name, true);
  }

  /** How many there are; external ones count from their start. */
  get count(): number {
    return this.#all.length;
  }

  get hasExternal(): boolean {
    return this.#all.some(({ external }) => external);
  }

  /** Every external one has registered: the runtime may start. */
  get registered(): boolean {
    return this.#all.every(({ state }) => state !== "Started");
  }

  /** Every one waits for an event: the init phase is over as far as they are concerned, or the last call. */
  get ready(): boolean {
    return this.#all.every(({ state }) => state === "Ready");
  }

  /** Whether some have not finished with the last call. */
  get busy(): boolean {
    return this.#all.some(({ state }) => state === "Running");
  }

  describe(): ExtensionFacts[] {
    return this.#all.map(({ name, state, events, errorType }) => ({ name, state, events, errorType }));
  }

  close(): void {
    this.#closed = true;
  }

  find(id: string): Extension | undefined {
    return this.#all.find((extension) => extension.id === id && extension.state !== "Started");
  }

  findExternal(name: string): Extension | undefined {
    return this.#all.find((extension) => extension.external && extension.name === name);
  }

  /** The external ones that have asked to be told of the end. */
  get toldOfShutdown(): string[] {
    return this.#all.filter(({ external, events }) => external && events.includes("SHUTDOWN")).map(({ name }) => name);
  }

  register(name: string, events: readonly LifecycleEvent[]): Extension | Refusal {
    const external = this.findExternal(name);
    if (external === undefined) return this.#registerInternal(name, events);
    if (external.state !== "Started") {
      return { type: "Extension.InvalidExtensionState", message: transition(external.state, "Registered", name) };
    }
    return this.#enter(external, events);
  }

  #registerInternal(name: string, events: readonly LifecycleEvent[]): Extension | Refusal {
    if (this.#closed) {
      return { type: "Extension.RegistrationClosed", message: "Extension registration closed already" };
    }
    if (this.#all.length >= MOST_EXTENSIONS) {
      return { type: "Extension.TooManyExtensions", message: `Extension limit (${MOST_EXTENSIONS}) reached` };
    }
    if (this.#all.some((other) => other.name === name)) {
      return { type: "Extension.InvalidExtensionState", message: "Extension with this name already registered" };
    }
    return this.#enter(this.#add(name, false), events);
  }

  #add(name: string, external: boolean): Extension {
    const extension: Extension = {
      id: randomUUID(),
      name,
      external,
      state: "Started",
      events: [],
      errorType: undefined,
      waiting: undefined,
      missed: undefined,
    };
    this.#all.push(extension);
    return extension;
  }

  #enter(extension: Extension, events: readonly LifecycleEvent[]): Extension {
    extension.events = [...new Set(events)];
    extension.state = "Registered";
    this.#changed();
    return extension;
  }

  /** Whether it may ask for an event now. One whose connection was lost asks again. */
  mayAsk({ state, waiting, missed }: Extension): boolean {
    return (
      state === "Registered" ||
      state === "Running" ||
      (state === "Ready" && waiting === undefined && missed === undefined)
    );
  }

  /** It asks for an event. */
  ask(extension: Extension, send: (reply: Reply) => void): void {
    extension.waiting = send;
    const missed = extension.missed ?? this.#shutdownFor(extension);
    if (missed !== undefined) {
      this.#deliver(extension, missed);
      return;
    }
    extension.state = "Ready";
    this.#changed();
  }

  cancelled(extension: Extension, send: (reply: Reply) => void): void {
    if (extension.waiting === send) extension.waiting = undefined;
  }

  /** Reports an error. The first one of an environment names its failure; each of its states takes one report. */
  fail(extension: Extension, state: "InitError" | "ExitError", errorType: string): boolean {
    const before = extension.state;
    if (before !== state) {
      const allowed =
        before === "Registered" || (state === "ExitError" && (before === "Ready" || before === "Running"));
      if (!allowed) return false;
      extension.state = state;
      extension.errorType = errorType;
    }
    this.fatal ??= `Extension.${state}`;
    this.#changed();
    return true;
  }

  /** The process of an external one could not be started. */
  launchFailed(name: string, errorType: string): void {
    const extension = this.findExternal(name);
    if (extension === undefined) return;
    extension.state = "LaunchError";
    extension.errorType = errorType;
    this.fatal ??= "Extension.LaunchError";
  }

  /** A call begins: those that asked to hear of calls do. */
  invoke({ requestId, deadlineMs, invokedArn, traceId }: InvokeNotice): void {
    let event: string | undefined;
    for (const extension of this.#all) {
      if (extension.state !== "Ready" || !extension.events.includes("INVOKE")) continue;
      event ??= JSON.stringify({
        eventType: "INVOKE",
        deadlineMs,
        requestId,
        invokedFunctionArn: invokedArn,
        tracing: { type: "X-Amzn-Trace-Id", value: traceId },
      });
      this.#deliver(extension, event);
    }
  }

  /** The environment ends: external ones that asked for it hear of it, now or with their next request. */
  shutDown(reason: ShutdownReason, deadlineMs: number): void {
    this.#shutdown = JSON.stringify({ eventType: "SHUTDOWN", deadlineMs, shutdownReason: reason });
    for (const extension of this.#all) {
      const event = extension.state === "Ready" ? this.#shutdownFor(extension) : undefined;
      if (event !== undefined) this.#deliver(extension, event);
    }
  }

  #shutdownFor({ external, events }: Extension): string | undefined {
    return external && events.includes("SHUTDOWN") ? this.#shutdown : undefined;
  }

  #deliver(extension: Extension, event: string): void {
    const send = extension.waiting;
    extension.state = "Running";
    extension.waiting = undefined;
    extension.missed = send === undefined ? event : undefined;
    send?.({
      status: 200,
      contentType: "application/json",
      headers: `Lambda-Extension-Identifier: ${extension.id}\r\nLambda-Extension-Event-Identifier: ${randomUUID()}\r\n`,
      body: event,
    });
  }
}

/** AWS's sentence about a step that a state does not allow. */
export function transition(from: ExtensionState, to: string, name: string): string {
  return `State transition from ${from} to ${to} failed for extension ${name}. Error: State transition is not allowed`;
}
