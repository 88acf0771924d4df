import { performance } from "node:perf_hooks";
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import { newBucket, takeToken, type TokenBucket } from "./token-bucket.ts";

/**
 * Concurrency slots (https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html): an account has so many in a
 * region; a function with a reservation has its own part of them and no more; the others share what is left. What is
 * provisioned for a version is set aside for that version's calls, out of its function's reservation or out of what the
 * others share; calls beyond it take what is left there.
 *
 * Limits come with each call, so that a change of them acts on the next call and on no running one.
 */
export interface Admission {
  /** Takes a slot or throws TooManyRequestsException. The slot must be given back with `leave`. */
  enter(request: AdmissionRequest): Slot;
  leave(slot: Slot): void;
  /** Calls that run now, in all accounts. */
  readonly running: number;
}

export interface AdmissionRequest {
  scope: Scope;
  functionName: string;
  version: string;
  reserved: number | undefined;
  /** Set aside for calls of this version; absent: none. */
  provisioned?: number | undefined;
  /** Set aside for calls of all versions of this function; absent: none. */
  provisionedTotal?: number | undefined;
  accountLimit: number;
  /** What functions without a reservation cannot use of it: reservations, and what is provisioned without one. */
  reservedTotal: number;
}

export interface AdmissionOptions {
  /**
   * Requests per second for each unit of concurrency, AWS's 10: of a reservation, of what is provisioned for a version (more
   * of its calls count as on-demand ones), and of what the account's other functions share. Infinite: no limit
   * (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
   */
  requestRate: number;
  /** Monotonic ms. */
  now?: () => number;
}

/** Where a running call is counted. Shared by the calls of one pool, so that a call makes no object. */
export interface Slot {
  /** Calls in this pool: of one function, or of one version within what is provisioned for it. */
  running: number;
  /** Whether these calls count among those that functions without a reservation share. */
  shared: boolean;
  readonly account: AccountUse;
  readonly requests: TokenBucket;
}

export interface AccountUse {
  running: number;
  /** Calls of functions without a reservation, beyond what is provisioned. */
  shared: number;
  readonly requests: TokenBucket;
}

interface Account extends AccountUse {
  /** By function name. */
  functions: Map<string, Slot>;
  /** By function name and version. */
  provisioned: Map<string, Slot>;
}

/** Pools of functions that are kept without running calls. */
const MAX_QUIET = 10_000;

export function createAdmission(options: AdmissionOptions): Admission {
  const { requestRate, now = () => performance.now() } = options;
  const accounts = new Map<string, Map<string, Account>>();
  let running = 0;

  function accountOf({ account, region }: Scope): Account {
    let regions = accounts.get(account);
    if (regions === undefined) accounts.set(account, (regions = new Map<string, Account>()));
    let found = regions.get(region);
    if (found === undefined) {
      found = { running: 0, shared: 0, requests: newBucket(), functions: new Map(), provisioned: new Map() };
      regions.set(region, found);
    }
    return found;
  }

  function slotFor(account: Account, request: AdmissionRequest): Slot {
    if (request.provisioned !== undefined) {
      const slot = slotIn(account.provisioned, `${request.functionName}:${request.version}`, account);
      if (slot.running < request.provisioned && inRate(slot.requests, request.provisioned)) return slot;
    }
    const slot = slotIn(account.functions, request.functionName, account);
    const shared = request.reserved === undefined;
    if (slot.shared !== shared) {
      // The function has got or lost its reservation while calls of it run: they count where it counts now.
      slot.shared = shared;
      account.shared += shared ? slot.running : -slot.running;
    }
    if (request.reserved === undefined) {
      const unreserved = request.accountLimit - request.reservedTotal;
      if (account.shared >= unreserved) throw throttled("ConcurrentInvocationLimitExceeded");
      if (!inRate(account.requests, unreserved)) throw throttled("FunctionInvocationRateLimitExceeded");
    } else {
      const reserved = request.reserved - (request.provisionedTotal ?? 0);
      if (slot.running >= reserved) throw throttled("ReservedFunctionConcurrentInvocationLimitExceeded");
      if (!inRate(slot.requests, reserved)) throw throttled("ReservedFunctionInvocationRateLimitExceeded");
    }
    return slot;
  }

  function inRate(bucket: TokenBucket, concurrency: number): boolean {
    const perSecond = concurrency * requestRate;
    return takeToken(bucket, perSecond, Math.max(1, perSecond), now());
  }

  return {
    enter(request) {
      const slot = slotFor(accountOf(request.scope), request);
      slot.running += 1;
      slot.account.running += 1;
      if (slot.shared) slot.account.shared += 1;
      running += 1;
      return slot;
    },
    leave(slot) {
      slot.running -= 1;
      slot.account.running -= 1;
      if (slot.shared) slot.account.shared -= 1;
      running -= 1;
    },
    get running() {
      return running;
    },
  };
}

function slotIn(slots: Map<string, Slot>, name: string, account: Account): Slot {
  let slot = slots.get(name);
  if (slot === undefined) {
    if (slots.size >= MAX_QUIET) for (const [other, { running }] of slots) if (running === 0) slots.delete(other);
    slots.set(name, (slot = { running: 0, shared: false, account, requests: newBucket() }));
  }
  return slot;
}

/** Reasons of AWS's ThrottleReason that Kiln has. */
export type ThrottleReason =
  | "ConcurrentInvocationLimitExceeded"
  | "ReservedFunctionConcurrentInvocationLimitExceeded"
  | "FunctionInvocationRateLimitExceeded"
  | "ReservedFunctionInvocationRateLimitExceeded";

export function throttled(reason: ThrottleReason, message = "Rate Exceeded."): ServiceError {
  return new ServiceError("TooManyRequestsException", message, {
    status: 429,
    members: { Reason: reason, Type: "User", retryAfterSeconds: "1" },
  });
}
