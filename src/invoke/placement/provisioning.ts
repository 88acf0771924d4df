import { messageOf, ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import type { Environment } from "../../worker/contract.ts";
import type { ProvisionedState, ProvisionedVersion, Provisioner, Target } from "../contract.ts";
import type { Fleet } from "./fleet.ts";
import type { Placement } from "./placement.ts";

export interface ProvisioningOptions {
  placement: Pick<Placement, "startAhead" | "changed">;
  resolve(scope: Scope, functionName: string, version: string): Promise<Target> | Target;
  /** A host that has no environment: nobody waits for it. */
  report: (error: unknown) => void;
  /** Environments that are initialised at the same time, so that calls find processors. */
  parallel: number;
  /** ms before the first retry. */
  retryMs: number;
}

/** AWS's reason for a function that does not initialise. */
const INIT_FAILURE = "FUNCTION_ERROR_INIT_FAILURE";
/** ms */
const MAX_RETRY = 5 * 60_000;

/** One version of which environments are kept. */
interface Stock {
  readonly scope: Scope;
  readonly functionName: string;
  readonly version: string;
  wanted: number;
  revision: string;
  starting: number;
  /** Initialised, alive, and meant to stay. */
  readonly ready: Map<Environment, Fleet>;
  /** Wanted no more, but kept until those that came in its place are there: then an alias can be moved back at once. */
  superseded: boolean;
  /** Starts that were under way when room was made for them, and may still fail for want of it. */
  excuses: number;
  /** As many as are wanted have been there at once since they were asked for. */
  reached: boolean;
  failure: string | undefined;
  /** ms of the last retry; 0 after a success. */
  delay: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Keeps as many environments of a version initialised as are wanted: replaces those that end, gives up those that are too
 * many, and tries again, later and later, where there is none to be had.
 */
export function createProvisioning(options: ProvisioningOptions): Provisioner & { close(): void } {
  const { placement } = options;
  /** By function, then by version. */
  const functions = new Map<string, Map<string, Stock>>();
  let initialising = 0;
  let open = true;

  function provision(scope: Scope, functionName: string, wanted: readonly ProvisionedVersion[]): void {
    if (!open) return;
    const name = nameOf(scope, functionName);
    const stocks = functions.get(name) ?? new Map<string, Stock>();
    const versions = new Map(wanted.map((each) => [each.version, each]));
    for (const [version, stock] of stocks) stock.superseded = !versions.has(version);
    for (const { version, count, revision } of wanted) {
      let stock = stocks.get(version);
      if (stock === undefined) stocks.set(version, (stock = newStock(scope, functionName, version)));
      want(stock, count, revision);
    }
    functions.set(name, stocks);
    dropSuperseded(name, stocks);
    fillAll();
  }

  /** Those that came in their place are there, or will not come. */
  function dropSuperseded(name: string, stocks: Map<string, Stock>): void {
    const all = [...stocks.values()];
    const waits = all.some(({ superseded, reached, failure }) => !superseded && !reached && failure === undefined);
    if (waits) return;
    for (const stock of all) if (stock.superseded) dropStock(stocks, stock);
    if (stocks.size === 0) functions.delete(name);
  }

  /** Gives up those that the stock came in the place of. Not excused: there are none, nor were when the start began. */
  function excused(failed: Stock): boolean {
    const name = nameOf(failed.scope, failed.functionName);
    const stocks = functions.get(name) ?? new Map<string, Stock>();
    const old = [...stocks.values()].filter(({ superseded }) => superseded);
    for (const stock of old) dropStock(stocks, stock);
    if (old.length > 0) failed.excuses = failed.starting + 1;
    if (failed.excuses === 0) return false;
    failed.excuses -= 1;
    return true;
  }

  function dropStock(stocks: Map<string, Stock>, stock: Stock): void {
    stocks.delete(stock.version);
    want(stock, 0, "");
  }

  function dropSupersededAll(): void {
    for (const [name, stocks] of functions) dropSuperseded(name, stocks);
  }

  function want(stock: Stock, count: number, revision: string): void {
    if (stock.wanted === count && stock.revision === revision) return;
    stock.wanted = count;
    stock.revision = revision;
    stock.reached = stock.ready.size >= count;
    stock.failure = undefined;
    stock.delay = 0;
    clearTimeout(stock.timer);
    stock.timer = undefined;
    giveUpSurplus(stock);
  }

  /** Those that are free go first; one that runs a call goes after it. */
  function giveUpSurplus(stock: Stock): void {
    const all = [...stock.ready.keys()];
    const order = [...all.filter(({ idle }) => idle), ...all.filter(({ idle }) => !idle)];
    for (const environment of order.slice(0, Math.max(0, stock.ready.size - stock.wanted))) {
      const fleet = stock.ready.get(environment);
      stock.ready.delete(environment);
      fleet?.removeIdle(environment);
      end(environment, "spindown");
    }
  }

  function fillAll(): void {
    for (const stocks of functions.values()) for (const stock of stocks.values()) fill(stock);
  }

  function fill(stock: Stock): void {
    if (!open || stock.timer !== undefined || stock.superseded) return;
    while (initialising < options.parallel && missing(stock) > 0) {
      stock.starting += 1;
      initialising += 1;
      void startOne(stock).then((failure) => {
        stock.starting -= 1;
        initialising -= 1;
        if (failure !== undefined) {
          // The host may be full because of them.
          if (failure.reason !== INIT_FAILURE && excused(stock)) failure.reason = undefined;
          retryLater(stock, failure);
        } else if (stock.ready.size >= stock.wanted) {
          stock.reached = true;
          stock.failure = undefined;
        }
        giveUpSurplus(stock);
        dropSupersededAll();
        fillAll();
      });
    }
  }

  /** What went wrong; undefined when an environment is ready. */
  async function startOne(stock: Stock): Promise<Failure | undefined> {
    try {
      const target = await options.resolve(stock.scope, stock.functionName, stock.version);
      const { fleet, environment } = await placement.startAhead(stock.scope, target);
      const failure = await initialised(environment);
      if (failure !== undefined) {
        end(environment, "failed");
        return { reason: failure };
      }
      stock.delay = 0;
      stock.ready.set(environment, fleet);
      fleet.provisioned.add(environment);
      environment.onChange = () => changed(stock, fleet, environment);
      changed(stock, fleet, environment);
      return undefined;
    } catch (error) {
      // A version that is not prepared yet, or not there any more, has not failed: the documents say what comes of it.
      const passing = error instanceof ServiceError && error.status !== 429;
      if (!passing) options.report(error);
      return { reason: passing ? undefined : messageOf(error) };
    }
  }

  function changed(stock: Stock, fleet: Fleet, environment: Environment): void {
    placement.changed(fleet, environment);
    if (environment.alive) return;
    fleet.provisioned.delete(environment);
    if (!stock.ready.delete(environment)) return;
    // One that has ended without having had a call may do so again and again.
    if (environment.lastUsedAt === environment.createdAt && fleet.retired === undefined) retryLater(stock, {});
    else fill(stock);
  }

  function retryLater(stock: Stock, { reason }: Failure): void {
    if (reason !== undefined) stock.failure = reason;
    if (!open || stock.timer !== undefined) return;
    stock.delay = stock.delay === 0 ? options.retryMs : Math.min(stock.delay * 2, MAX_RETRY);
    stock.timer = setTimeout(() => {
      stock.timer = undefined;
      fill(stock);
    }, stock.delay).unref();
  }

  function end(environment: Environment, reason: "spindown" | "failed"): void {
    environment.retire(reason).catch(options.report);
  }

  return {
    provision,
    state(scope, functionName, version): ProvisionedState {
      const found = functions.get(nameOf(scope, functionName))?.get(version);
      const stock = found?.superseded === true ? undefined : found;
      const allocated = stock?.ready.size ?? 0;
      const counts = { allocated, available: allocated };
      if (stock?.failure !== undefined) return { status: "FAILED", reason: stock.failure, ...counts };
      return { status: stock?.reached === true ? "READY" : "IN_PROGRESS", ...counts };
    },
    close() {
      open = false;
      for (const stocks of functions.values()) for (const stock of stocks.values()) clearTimeout(stock.timer);
    },
  };
}

interface Failure {
  /** Absent where the user need not hear of it. */
  reason?: string | undefined;
}

/** Resolves when the init phase is over: undefined when it succeeded. */
function initialised(environment: Environment): Promise<string | undefined> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!environment.alive || environment.initFailure !== undefined) resolve(INIT_FAILURE);
      else if (environment.idle) resolve(undefined);
    };
    environment.onChange = look;
    look();
  });
}

function missing(stock: Stock): number {
  return stock.wanted - stock.ready.size - stock.starting;
}

function newStock(scope: Scope, functionName: string, version: string): Stock {
  return {
    scope: { account: scope.account, region: scope.region },
    functionName,
    version,
    wanted: 0,
    revision: "",
    starting: 0,
    ready: new Map(),
    superseded: false,
    excuses: 0,
    reached: false,
    failure: undefined,
    delay: 0,
    timer: undefined,
  };
}

function nameOf(scope: Scope, functionName: string): string {
  return `${scope.account}/${scope.region}/${functionName}`;
}
