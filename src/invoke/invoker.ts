import { channel } from "node:diagnostics_channel";
import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import { systemClock, type Clock } from "../base/clock.ts";
import { ServiceError } from "../base/errors.ts";
import type { Scope } from "../base/scope.ts";
import { FileSystemError } from "../sandbox/contract.ts";
import { SnapStartError, type Call, type CallResult, type RetireReason, type Worker } from "../worker/contract.ts";
import { createAdmission, type Slot } from "./admission/admission.ts";
import {
  INVOKE_CHANNEL,
  type FunctionDirectory,
  type InvokeAnswer,
  type InvokeEvent,
  type InvokeRequest,
  type Invoker,
  type Provisioner,
  type Reserver,
  type Target,
} from "./contract.ts";
import { mountFault } from "./mount-fault.ts";
import { snapStartFault } from "./snap-start-fault.ts";
import type { Fleet } from "./placement/fleet.ts";
import { createHostGauge, type HostGauge } from "./placement/host-gauge.ts";
import { createPlacement } from "./placement/placement.ts";
import { createProvisioning } from "./placement/provisioning.ts";
import { DEFAULT_BANDWIDTH, type BandwidthLimit } from "./streaming/bandwidth.ts";
import { createInvokeStream } from "./streaming/invoke-stream.ts";
import { RECURSIVE, tracedThrough } from "./recursion.ts";
import { targetFor, versionKeyOf } from "./tenant.ts";
import { newTraceId } from "../base/trace-id.ts";

export interface InvokerOptions {
  directory: FunctionDirectory;
  worker: Worker;
  clock?: Clock;
  /** ms; default 10 minutes. */
  environmentIdleMs?: number;
  /** ms; default 14 hours. */
  environmentMaxAgeMs?: number;
  /** Most MB that environments may be promised, however much the machine has available. */
  hostMemoryMB?: number;
  /** Default: this machine. */
  gauge?: HostGauge;
  /** Environments that are started for calls at the same time; default two for each processor. */
  startParallel?: number;
  /** ms; default 500. See PlacementOptions. */
  startHoldMs?: number;
  /** ms that a call waits for an environment; default 20 s. */
  waitMs?: number;
  /** Environments by which a function may grow in 10 s; default AWS's 1,000. */
  growthPer10s?: number;
  /** Requests per second for each unit of concurrency; default AWS's 10. */
  requestRate?: number;
  /** ms; default 5. See PlacementOptions. */
  settleMs?: number;
  /** Provisioned environments that are initialised at the same time; default one for each processor, at least 2. */
  provisionParallel?: number;
  /** ms before a provisioned environment that could not be had is tried for again; each further time twice as long. */
  provisionRetryMs?: number;
  /** How fast streamed answers may come; default AWS's. */
  streamBandwidth?: BandwidthLimit;
  /** Something failed that no caller waits for. */
  report?: (error: unknown) => void;
}

const MINUTE_MS = 60 * 1000;

/** The data plane: admission, placement, and the call itself. `close` must come before the worker's. */
export function createInvoker(options: InvokerOptions): Invoker & Provisioner & Reserver {
  const { directory } = options;
  const admission = createAdmission({ requestRate: options.requestRate ?? 10 });
  const events = channel(INVOKE_CHANNEL);
  const placement = createPlacement({
    worker: options.worker,
    clock: options.clock ?? systemClock,
    idleMs: options.environmentIdleMs ?? 10 * MINUTE_MS,
    maxAgeMs: options.environmentMaxAgeMs ?? 14 * 60 * MINUTE_MS,
    gauge: options.gauge ?? gaugeOf(options.hostMemoryMB),
    startParallel: options.startParallel ?? 2 * availableParallelism(),
    startHoldMs: options.startHoldMs ?? 500,
    waitMs: options.waitMs ?? 20_000,
    growthPer10s: options.growthPer10s ?? 1000,
    settleMs: options.settleMs ?? 5,
    report: options.report ?? (() => undefined),
  });
  const provisioning = createProvisioning({
    placement,
    resolve: (scope, functionName, version) => directory.resolve(scope, functionName, version),
    report: options.report ?? (() => undefined),
    parallel: options.provisionParallel ?? Math.max(2, availableParallelism()),
    retryMs: options.provisionRetryMs ?? 1000,
  });
  let open = true;
  let running = 0;
  let onQuiet: (() => void) | undefined;

  async function invoke(request: InvokeRequest): Promise<InvokeAnswer> {
    if (!open) throw shuttingDown();
    const startedAt = performance.now();
    running += 1;
    let target: Target | undefined;
    let slot: Slot | undefined;
    let result: CallResult | undefined;
    let thrown: unknown;
    try {
      const resolved = directory.resolve(request.scope, request.functionName, request.qualifier);
      target = targetFor(resolved instanceof Promise ? await resolved : resolved, request.tenantId);
      const traceId = tracedThrough(target, request.traceId ?? newTraceId());
      slot = admission.enter({
        scope: request.scope,
        functionName: target.functionName,
        version: target.version,
        reserved: target.reservedConcurrency,
        provisioned: target.provisionedConcurrency,
        provisionedTotal: target.provisionedTotal,
        accountLimit: directory.accountConcurrency(request.scope),
        reservedTotal: directory.reservedConcurrency?.(request.scope) ?? 0,
      });
      result = await placement.run(request.scope, target, callOf(request, target, traceId));
      return { ...result, executedVersion: target.version, traceId };
    } catch (error) {
      thrown = inAwsWords(error);
      // The caller is told that, and the operator why.
      if (thrown !== error) options.report?.(error);
      throw thrown;
    } finally {
      if (events.hasSubscribers) {
        const concurrency = slot?.account.running ?? 0;
        events.publish(eventOf(request, target, result, thrown, performance.now() - startedAt, concurrency));
      }
      if (slot !== undefined) admission.leave(slot);
      running -= 1;
      if (running === 0) onQuiet?.();
    }
  }

  async function retire(scope: Scope, functionName: string, version?: string): Promise<void> {
    const current = new Map<string, string | undefined>();
    for (const fleet of placement.fleets()) {
      if (!concerns(fleet, scope, functionName, version) || current.has(fleet.version)) continue;
      current.set(fleet.version, undefined);
    }
    for (const each of current.keys()) current.set(each, await currentKey(scope, functionName, each));
    await placement.retire((fleet): RetireReason | undefined => {
      if (!concerns(fleet, scope, functionName, version) || !current.has(fleet.version)) return undefined;
      const key = current.get(fleet.version);
      if (key === versionKeyOf(fleet.key)) return undefined;
      return key === undefined ? "deleted" : "changed";
    });
  }

  /** Undefined when the version is gone, or cannot be called at present: then none of its environments is current. */
  async function currentKey(scope: Scope, functionName: string, version: string): Promise<string | undefined> {
    try {
      return (await directory.resolve(scope, functionName, version)).key;
    } catch (error) {
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  }

  return {
    invoke,
    invokeStream: createInvokeStream(invoke, options.streamBandwidth ?? DEFAULT_BANDWIDTH),
    retire,
    reserve: (memoryMB) => placement.reserve(memoryMB),
    provision: (...wanted) => provisioning.provision(...wanted),
    state: (...of) => provisioning.state(...of),
    async close(graceMs) {
      open = false;
      provisioning.close();
      if (running > 0) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          onQuiet = resolve;
          timer = setTimeout(resolve, graceMs);
        });
        clearTimeout(timer);
      }
      const closed = placement.close();
      // Calls that outlast the grace are ended by the worker, which is closed next: waiting for them here would not end.
      if (running === 0) await closed;
      else closed.catch(options.report ?? (() => undefined));
    },
  };
}

function gaugeOf(mostMB = Number.POSITIVE_INFINITY): HostGauge {
  const host = createHostGauge();
  return { availableMB: () => Math.min(mostMB, host.availableMB()), pressed: () => host.pressed() };
}

function concerns(fleet: Fleet, scope: Scope, functionName: string, version: string | undefined): boolean {
  return (
    fleet.functionName === functionName &&
    fleet.scope.account === scope.account &&
    fleet.scope.region === scope.region &&
    (version === undefined || fleet.version === version)
  );
}

function callOf(request: InvokeRequest, target: Target, traceId: string): Call {
  const call: Call = {
    requestId: request.requestId,
    payload: request.payload,
    invokedArn: target.invokedArn,
    traceId,
    tail: request.tail,
  };
  if (request.clientContext !== undefined) call.clientContext = request.clientContext;
  if (request.cognitoIdentity !== undefined) call.cognitoIdentity = request.cognitoIdentity;
  if (request.tenantId !== undefined) call.tenantId = request.tenantId;
  const { stream } = request;
  if (stream !== undefined) {
    call.stream = (contentType) => stream({ contentType, executedVersion: target.version });
  }
  return call;
}

function eventOf(
  request: InvokeRequest,
  target: Target | undefined,
  result: CallResult | undefined,
  thrown: unknown,
  totalMs: number,
  concurrency: number,
): InvokeEvent {
  const event: InvokeEvent = {
    account: request.scope.account,
    region: request.scope.region,
    functionName: target?.functionName ?? request.functionName,
    requestId: request.requestId,
    outcome: outcomeOf(result, thrown),
    totalMs,
    concurrency,
  };
  if (target !== undefined) event.version = target.version;
  if (result !== undefined) {
    const { durationMs, billedMs, maxMemoryMB, initMs } = result;
    event.result = { durationMs, billedMs, maxMemoryMB, ...(initMs === undefined ? {} : { initMs }) };
  }
  return event;
}

function outcomeOf(result: CallResult | undefined, thrown: unknown): InvokeEvent["outcome"] {
  if (result === undefined) {
    if (!(thrown instanceof ServiceError) || thrown.status >= 500) return "fault";
    if (thrown.code === RECURSIVE) return "recursive";
    return thrown.status === 429 ? "throttled" : "refused";
  }
  if (result.status === "timeout") return "timeout";
  return result.functionError === undefined ? "success" : "function-error";
}

/** SDKs try again on a 503. */
function shuttingDown(): ServiceError {
  return new ServiceError("ServiceUnavailableException", "The service is shutting down.", { status: 503 });
}

function inAwsWords(error: unknown): unknown {
  if (error instanceof FileSystemError) return mountFault(error);
  return error instanceof SnapStartError ? snapStartFault(error) : error;
}
