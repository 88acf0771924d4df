/**
 * HTTP request → operation → HTTP answer. In this order, as AWS does it: which operation, who calls, is the request small
 * enough and its body what was signed, is the input well-formed, is it valid, may the caller. What goes wrong is answered in the service's own
 * protocol; a fault of ours tells the caller no more than that there was one.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { systemClock, type Clock } from "../base/clock.ts";
import { KilnError, ServiceError } from "../base/errors.ts";
import type { Authenticator, Authorizer, CredentialScope } from "../security/contract.ts";
import { auditedCall, type Seen } from "./audited-call.ts";
import type { CallAudit, CallContext, DeferredService, ServiceDefinition } from "./contract.ts";
import { candidateOf } from "./deferred.ts";
import { createDispatch, type Destination } from "./dispatch.ts";
import { ClientGone, createBodyReader } from "../base/http/body.ts";
import { isClientGone } from "../base/http/client-gone.ts";
import { Call } from "./http/call.ts";
import { discardBody, hasUnreadBody } from "../base/http/discard.ts";
import type { RequestHead, Waiting, WholeAnswer, WholeRequest } from "../base/http/whole.ts";
import { wireRequest, type WireRequest } from "./http/request.ts";
import { isStream, send, sendAndClose, wholeAnswer } from "./http/send.ts";
import { defaultWireLimits, type WireLimits } from "./limits.ts";
import type { Answer, BoundOperation } from "./protocols/protocol.ts";
import { bindService, type BoundService } from "./service.ts";
import { sizeRule, type SizeRule } from "./size.ts";

export interface WireOptions {
  readonly services: readonly (ServiceDefinition | DeferredService)[];
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly limits?: Partial<WireLimits>;
  readonly clock?: Clock;
  /** Absent: calls leave no record. */
  readonly audit?: CallAudit;
  /** Told of every error that is not a caller's: the answer does not show it. */
  readonly onFault: (error: unknown, call: FaultedCall) => void;
}

export interface FaultedCall {
  readonly requestId: string;
  readonly service: string;
  readonly operation: string | undefined;
}

export interface Wire {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** For requests that have arrived already, and whose answers are no streams. */
  readonly handleWhole: (request: WholeRequest) => Promise<WholeAnswer>;
}

/** A request, as far as it is known before its body. */
interface Opened {
  readonly requestId: string;
  readonly request: WireRequest;
  readonly head: RequestHead;
  readonly waiting: Waiting;
  readonly claim: Claim;
  readonly destination: Destination;
  readonly seen: Seen;
}

interface BodySource {
  /** Throws ServiceError for a body that is too large, and ClientGone. */
  read(size: SizeRule): Promise<Buffer> | Buffer;
  /** @param length Of the body: its memory may be gone already. */
  release(length: number): void;
  /** A streamed answer begins while the operation still has its input. */
  keep(length: number): void;
}

export function createWire(options: WireOptions): Wire {
  const limits = { ...defaultWireLimits, ...options.limits };
  const clock = options.clock ?? systemClock;
  const { authenticator, authorizer, audit, onFault } = options;
  const nowhere = bindService(
    { name: "", protocol: "rest-json", schemas: [], operations: {}, constraints: undefined },
    limits,
  );
  const services = options.services.map((service) => candidateOf(service, limits));
  const dispatch = createDispatch(services, nowhere);
  const bodies = createBodyReader(limits.bufferedBytes);
  const sizes = new Map<string, SizeRule>();

  function sizeOf(service: BoundService, operation: string): SizeRule {
    const key = `${service.name}.${operation}`;
    let size = sizes.get(key);
    if (size === undefined) sizes.set(key, (size = sizeRule(service.observed, operation)));
    return size;
  }

  function open(head: RequestHead, waiting: Waiting): Opened | Promise<Opened> {
    const request = wireRequest(head);
    const claim = claimOf(authenticator, request);
    const destination = dispatch(request, claim.scope);
    if (!(destination instanceof Promise)) return openedAt(head, waiting, request, claim, destination);
    return destination.then(
      (found) => openedAt(head, waiting, request, claim, found),
      // A service that cannot be loaded is a fault of ours.
      (error: unknown) =>
        openedAt(head, waiting, request, { ...claim, error }, { service: nowhere, operation: undefined }),
    );
  }

  function openedAt(
    head: RequestHead,
    waiting: Waiting,
    request: WireRequest,
    claim: Claim,
    destination: Destination,
  ): Opened {
    const seen: Seen = { service: destination.service, operation: destination.operation?.name, receivedAt: clock() };
    return { requestId: randomUUID(), request, head, waiting, claim, destination, seen };
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const opening = open(incoming, response);
    const opened = opening instanceof Promise ? await opening : opening;
    let release: (() => void) | undefined;
    const answer = await recorded(opened, {
      read: (size) => bodies.read(incoming, response, size),
      release: (length) => bodies.release(length),
      keep: (length) => {
        release = () => bodies.release(length);
      },
    });
    if (answer === undefined) return;
    if (!isStream(answer.body)) release?.();
    if (hasUnreadBody(incoming)) {
      return sendAndClose(response, answer, async () => {
        if (!bodies.isWaiting(incoming)) await discardBody(incoming, limits.discardBytes, limits.discardMs);
      });
    }
    try {
      await send(response, answer);
    } catch (error) {
      // An answer that HTTP cannot carry, such as a header with a line break, is a fault like any other.
      if (response.headersSent || response.destroyed) throw error;
      await send(response, errorAnswer(error, opened));
    } finally {
      if (isStream(answer.body)) release?.();
    }
  }

  async function serveWhole(whole: WholeRequest): Promise<WholeAnswer> {
    const opening = open(whole, whole.waiting);
    const opened = opening instanceof Promise ? await opening : opening;
    const answer = await recorded(opened, {
      read: (size) => bodies.take(whole.body, size),
      release: (length) => bodies.release(length),
      keep: () => undefined,
    });
    try {
      if (answer === undefined) throw new TypeError("a whole request has no end");
      return wholeAnswer(answer);
    } catch (error) {
      return wholeAnswer(errorAnswer(error, opened));
    }
  }

  /** The answer to a call, once its record is kept. Undefined when there is nobody to answer. */
  async function recorded(opened: Opened, source: BodySource): Promise<Answer | undefined> {
    const { destination, claim, request, requestId, seen, head } = opened;
    let answer: Answer;
    try {
      answer = await answerOf(opened, source);
    } catch (error) {
      if (error instanceof ClientGone) return undefined;
      answer = errorAnswer(error, opened, seen);
    }
    if (audit?.wants(destination.service.name, seen.operation) !== true) return answer;
    try {
      await audit.record(auditedCall(seen, claim.scope, request, requestId, head));
      return answer;
    } catch (error) {
      return errorAnswer(error, opened);
    }
  }

  async function answerOf(opened: Opened, source: BodySource): Promise<Answer> {
    const { claim, request, requestId, seen, head, waiting } = opened;
    const { service, operation } = opened.destination;
    const { receivedAt } = seen;
    if (claim.error !== undefined) throw claim.error;
    if (operation === undefined) throw service.protocol.unknownOperation(request);
    const size = sizeOf(service, operation.name);
    // Which operation it is, and so whether it needs a signature, may be known with the body only.
    const anonymous = claim.scope === undefined && service.unsigned.size > 0;
    // What is known at once is not waited for: each turn of the microtasks costs a short call something.
    const asked = anonymous ? undefined : authenticator.authenticate(request, claim.scope, service.name);
    const authenticated = asked instanceof Promise ? await asked : asked;
    const read = source.read(size);
    const body = read instanceof Promise ? await read : read;
    const { length } = body;
    let streamed = false;
    try {
      size.checkWhole(length, request.headers);
      let caller = authenticated?.(body);
      seen.caller = caller;
      const chosen = operation.choose?.(body) ?? operation;
      seen.operation = chosen.name;
      if (caller === undefined) {
        caller = service.unsigned.has(chosen.name)
          ? authenticator.anonymous(request)
          : (await authenticator.authenticate(request, undefined, service.name))(body);
      }
      seen.caller = caller;
      const facts = { requestId, caller, receivedAt, service: service.name, operation: chosen.name };
      const answer = await run(service, chosen, body, new Call(facts, head, waiting), seen);
      streamed = isStream(answer.body);
      return answer;
    } finally {
      if (streamed) source.keep(length);
      else source.release(length);
    }
  }

  async function run(
    service: BoundService,
    operation: BoundOperation,
    body: Buffer,
    context: CallContext,
    seen: Seen,
  ): Promise<Answer> {
    const handler = service.handler(operation.name);
    if (handler === undefined) throw notImplemented(service.name, operation.name);
    const input = operation.read(body);
    seen.input = input;
    service.check(operation.name)?.(input);
    const allowed = authorizer.authorize(context, input);
    if (allowed !== undefined) await allowed;
    const recordable = audit?.admit(service.name, operation.name);
    if (recordable !== undefined) await recordable;
    const output = (await handler(input, context)) as Record<string, unknown> | undefined | null;
    seen.output = output ?? {};
    const answer = operation.write(seen.output, context.requestId);
    Object.assign(answer.headers, context.answerHeaders);
    return answer;
  }

  function errorAnswer(error: unknown, { destination, request, requestId }: Opened, seen?: Seen): Answer {
    const { service, operation } = destination;
    const told = error instanceof ServiceError ? error : internalError(service, error);
    if (told !== error) onFault(error, { requestId, service: service.name, operation: operation?.name });
    if (seen !== undefined) seen.error = told;
    return service.protocol.writeError(told, requestId, request);
  }

  return {
    handle(request, response) {
      serve(request, response).catch((error: unknown) => {
        // The answer had begun, so all that is left is to cut it short. A client that went away is not a fault.
        response.destroy();
        if (!isClientGone(error)) onFault(error, { requestId: "", service: "", operation: undefined });
      });
    },
    handleWhole: serveWhole,
  };
}

const DISK_FULL = "Kiln's disk is full: nothing of this request was kept. Free space on it, then try again.";

/** A fault of ours tells the caller no more than that there was one, or that the disk is full. */
function internalError({ observed }: BoundService, error: unknown): ServiceError {
  const { code, message, status } = observed.internal;
  const full = error instanceof KilnError && error.code === "DISK_FULL";
  return new ServiceError(code, full ? DISK_FULL : message, { status });
}

interface Claim {
  readonly scope?: CredentialScope | undefined;
  readonly error?: unknown;
}

/** What is wrong with a signature is answered in the protocol of the service that is meant, so it is kept until that is known. */
function claimOf(authenticator: Authenticator, request: WireRequest): Claim {
  try {
    return { scope: authenticator.scopeOf(request.headers, request.query) };
  } catch (error) {
    return { error };
  }
}

function notImplemented(service: string, operation: string): ServiceError {
  return new ServiceError("NotImplementedException", `Kiln does not implement ${operation} of ${service} yet.`, {
    status: 501,
  });
}
