import { randomBytes } from "node:crypto";
import { channel } from "node:diagnostics_channel";
import { KilnError, messageOf } from "../base/errors.ts";
import type { Runtimes } from "../artifacts/contract.ts";
import { FileSystemError, type JailLimits, type KeptTmp, type Sandbox, type ServedPort } from "../sandbox/contract.ts";
import {
  ENVIRONMENT_CHANNEL,
  type Assignment,
  type Environment,
  SnapStartError,
  type EnvironmentEvent,
  type LogSink,
  type Worker,
} from "./contract.ts";
import { ExecutionEnvironment, initPhaseMs } from "./environment/environment.ts";
import { createGuest, type Guest, type GuestSpec } from "./environment/guest.ts";
import { INIT_VCPUS, planOf, subjectOf, type Plan } from "./environment/plan.ts";
import { needsProcessStart, prebootVariables } from "./environment/variables.ts";
import { createEnvironmentLog, logStreamName } from "./logs/environment-log.ts";
import { createPool } from "./pool/pool.ts";
import { createRuntimeSnapshots } from "./pool/runtime-snapshots.ts";
import { createShelf } from "./snap-start/shelf.ts";
import { createSnapStarter } from "./snap-start/starter.ts";

export interface WorkerOptions {
  sandbox: Sandbox;
  runtimes: Runtimes;
  logs: LogSink;
  /** Pre-booted jails. Default: one to 8 for each runtime in use, 16 in all, given up after 10 unused minutes. */
  pool?: {
    size?: number;
    ceiling?: number;
    maxTotal?: number;
    unusedMs?: number;
    refillDelayMs?: number;
    demandHalfLifeMs?: number;
  };
  /** Snapshots of runtimes. Default: up to 8, given up after an unused hour, taken anew after 12 hours. */
  runtimeSnapshots?: { most?: number; unusedMs?: number; maxAgeMs?: number; delayMs?: number };
  /** ms; AWS's 10 s. Tests move it. */
  initPhaseMs?: number;
  /** ms that hooks after a restore may take; AWS's 10 s. Tests move it. */
  restoreMs?: number;
  /**
   * Waits until the machine has this much memory for an environment that no call waits for, and promises it; what comes back
   * gives it back. Throws KilnError WORKER_CLOSED. Absent: there always is some.
   */
  reserve?: (memoryMB: number) => Promise<() => void>;
  /** Kiln's own API, for functions. Absent: they have no way to it. */
  kilnApi?: (() => ServedPort) | undefined;
  /** Something failed in the background that no caller waits for. */
  report?: (error: unknown) => void;
}

const HOUR_MS = 60 * 60 * 1000;
/** https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks.html */
const RESTORE_MS = 10_000;

/**
 * Limits of a jail that waits for its function. Memory is AWS's largest size, because a runtime sizes its heap by the
 * limit that it finds at its start; `assign` sets the function's own.
 */
const PREBOOT_LIMITS: JailLimits = { memoryMB: 10_240, vcpus: INIT_VCPUS, pids: 1024, tmpMB: 512 };

/** The worker of this machine. `close` must come before the sandbox's. */
export function createWorker(options: WorkerOptions): Worker {
  const { sandbox, logs, report = () => undefined } = options;
  const environments = new Set<ExecutionEnvironment>();
  const events = channel(ENVIRONMENT_CHANNEL);
  /** Starts under way: they see by themselves that the worker has been closed, and end what they started. */
  const starts = new Set<Promise<Environment>>();
  let open = true;
  const { snapshots } = sandbox;
  const shelf = snapshots && createShelf({ load: (from) => snapshots.load(from), report });
  const snapStarter = snapshots && shelf && createSnapStarter({ ...options, snapshots, shelf, initLimitMs });
  const pool = createPool({
    size: sandbox.preboot ? (options.pool?.size ?? 1) : 0,
    ceiling: options.pool?.ceiling ?? 8,
    maxTotal: options.pool?.maxTotal ?? 16,
    demandHalfLifeMs: options.pool?.demandHalfLifeMs ?? 30_000,
    unusedMs: options.pool?.unusedMs ?? 10 * 60 * 1000,
    refillDelayMs: options.pool?.refillDelayMs ?? 100,
    create: (image) =>
      createGuest(sandbox, {
        id: newId(),
        rootImage: image.image,
        argv: image.argv,
        env: prebootVariables(image),
        limits: PREBOOT_LIMITS,
        kilnApi: options.kilnApi?.(),
      }),
    failed: (runtime, error) =>
      report(new KilnError("PREBOOT_FAILED", `A jail of ${runtime} could not be pre-booted.`, { cause: error })),
  });

  const runtimeSnapshots = createRuntimeSnapshots({
    sandbox,
    most: options.runtimeSnapshots?.most ?? 8,
    unusedMs: options.runtimeSnapshots?.unusedMs ?? HOUR_MS,
    maxAgeMs: options.runtimeSnapshots?.maxAgeMs ?? 12 * HOUR_MS,
    delayMs: options.runtimeSnapshots?.delayMs ?? 2_000,
    create: (spec) => createGuest(sandbox, { id: newId(), ...spec }),
    failed: (runtime, error) =>
      report(new KilnError("PREBOOT_FAILED", `A snapshot of ${runtime} could not be used.`, { cause: error })),
  });

  async function start(assignment: Assignment): Promise<Environment> {
    if (!open) throw new KilnError("WORKER_CLOSED", "The worker is shutting down.");
    const id = newId();
    const logStream = logStreamName(assignment, new Date(), id);
    const started = startWith(id, assignment, planOf(options, assignment, logStream), logStream);
    starts.add(started);
    try {
      return await started;
    } catch (error) {
      if (error instanceof KilnError) throw error;
      throw new KilnError("SANDBOX_FAILED", `No jail for ${assignment.functionArn}: ${messageOf(error)}`, {
        hint: "Run kiln doctor: it shows what the host lacks.",
        cause: error,
      });
    } finally {
      starts.delete(started);
    }
  }

  async function startWith(id: string, assignment: Assignment, plan: Plan, logStream: string): Promise<Environment> {
    const { spec, program, image } = plan;
    const { extensions, facts, limits, env: variables } = spec;
    const snapshot = assignment.snapStart?.snapshot;
    let attempts = 1;
    const specOf = (suffix: string, tmp?: KeptTmp): GuestSpec => ({
      ...spec,
      id: `${id}${suffix}`,
      kilnApi: options.kilnApi?.(),
      ...(tmp === undefined ? {} : { tmp }),
    });
    const createOnce = (suffix: string, tmp?: KeptTmp): Promise<Guest> =>
      snapshot === undefined || shelf === undefined
        ? createGuest(sandbox, specOf(suffix, tmp))
        : shelf.with(snapshot, (from) => createGuest(sandbox, { ...specOf(suffix), from }));
    const poolable =
      assignment.snapStart === undefined &&
      extensions.names.length === 0 &&
      assignment.tree.files === undefined &&
      !needsProcessStart(assignment.environment);
    const waits = poolable && image?.preboot === true ? image : undefined;
    const pooled = waits && pool.take(waits);
    if (pooled !== undefined) pooled.extensions.facts = facts;
    /** Undefined where the runtime has no snapshot. */
    const goOn = async (suffix: string, tmp?: KeptTmp): Promise<Guest | undefined> => {
      const guest = waits && (await runtimeSnapshots.start(waits, specOf(suffix, tmp)));
      guest?.api.assign(variables);
      return guest;
    };
    const restored = await goOn("").catch(() => undefined);
    const adopted = restored ?? (pooled && (await adopt(pooled, assignment, limits, variables)));
    // What was in the way of a jail (a process that the host killed, a moment's shortage) is mostly gone the next time.
    const create = (suffix: string, tmp?: KeptTmp): Promise<Guest> =>
      createOnce(suffix, tmp).catch((error: unknown) => {
        if (error instanceof FileSystemError || error instanceof SnapStartError) throw error;
        report(new KilnError("SANDBOX_FAILED", "A jail could not be made, and is made once more.", { cause: error }));
        // What was kept of /tmp has gone with the attempt.
        return createOnce(`${suffix}-again`);
      });
    const startedAt = performance.now();
    const guest = adopted ?? (await create(""));
    const machineMs = performance.now() - startedAt;
    const subject = subjectOf(assignment, program, logStream);
    function emit(step: EnvironmentEvent["step"], more: Partial<EnvironmentEvent> = {}): void {
      if (!events.hasSubscribers) return;
      const { account, region, functionName, version, runtime, memoryMB } = assignment;
      const about = { environmentId: id, account, region, functionName, version, runtime, memoryMB };
      events.publish({ step, ...about, preboot: adopted !== undefined, ...more } satisfies EnvironmentEvent);
    }
    emit("started");
    const environment: ExecutionEnvironment = new ExecutionEnvironment({
      id,
      assignment,
      log: createEnvironmentLog(logs, assignment, subject),
      guest,
      restart(tmp) {
        const suffix = `-${++attempts}`;
        return goOn(suffix, tmp).then(
          (made) => made ?? create(suffix, tmp),
          () => create(`${suffix}-new`),
        );
      },
      initPhaseMs: initLimitMs(assignment),
      restored: snapshot && { machineMs, limitMs: (options.restoreMs ?? RESTORE_MS) * (sandbox.slowness ?? 1) },
      initialized: (outcome) => emit(outcome.errorType === undefined ? "initialized" : "init-failed", outcome),
      ended: (reason) => {
        environments.delete(environment);
        emit("ended", { reason });
      },
    });
    environments.add(environment);
    environment.gone.catch(report);
    if (!open) void environment.retire("spindown");
    return environment;
  }

  function initLimitMs(assignment: Assignment): number {
    return options.initPhaseMs ?? initPhaseMs(assignment) * (sandbox.slowness ?? 1);
  }

  /** A pre-booted guest that cannot be given to the function is ended, and the function starts without it. */
  async function adopt(
    guest: Guest,
    assignment: Assignment,
    limits: JailLimits,
    variables: Record<string, string>,
  ): Promise<Guest | undefined> {
    try {
      await guest.jail.assign(assignment.tree, limits, assignment.network);
      guest.api.assign(variables);
      return guest;
    } catch (error) {
      report(new KilnError("PREBOOT_FAILED", "A pre-booted jail could not be assigned.", { cause: error }));
      await guest.end();
      return undefined;
    }
  }

  return {
    snapStarter,
    start,
    relieve: () => [pool.relieve(), runtimeSnapshots.relieve()].includes(true),
    async close(graceMs) {
      open = false;
      await Promise.all([pool.close(), runtimeSnapshots.close(), snapStarter?.close()]);
      await Promise.allSettled(starts);
      const ends = [...environments].map((environment) => environment.retire("spindown"));
      await withinGrace(Promise.allSettled(ends), graceMs);
      await Promise.allSettled([...environments].map((environment) => environment.kill()));
      await shelf?.close();
    },
  };
}

async function withinGrace(work: Promise<unknown>, graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    work,
    new Promise((resolve) => {
      timer = setTimeout(resolve, graceMs);
    }),
  ]);
  clearTimeout(timer);
}

/** 32 hex digits: names the jail and ends the log stream's name. */
function newId(): string {
  return randomBytes(16).toString("hex");
}
