import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";

/**
 * Concurrency slots (https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html): an account has so many in a
 * region; a function with a reservation has its own part of them and no more; the others share what is left.
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
  reserved: number | undefined;
  accountLimit: number;
  reservedTotal: number;
}

/** Where a running call is counted. Shared by the calls of one pool, so that a call makes no object. */
export interface Slot {
  /** Calls in this pool: of one function with a reservation, or of all functions without. */
  running: number;
  readonly account: AccountUse;
}

export interface AccountUse {
  running: number;
}

interface Account extends AccountUse {
  shared: Slot;
  reserved: Map<string, Slot>;
}

export function createAdmission(): Admission {
  const accounts = new Map<string, Map<string, Account>>();
  let running = 0;

  function accountOf({ account, region }: Scope): Account {
    let regions = accounts.get(account);
    if (regions === undefined) accounts.set(account, (regions = new Map<string, Account>()));
    let found = regions.get(region);
    if (found === undefined) regions.set(region, (found = newAccount()));
    return found;
  }

  function slotFor(account: Account, request: AdmissionRequest): Slot {
    if (request.reserved === undefined) {
      const left = request.accountLimit - request.reservedTotal;
      if (account.shared.running >= left) throw throttled("ConcurrentInvocationLimitExceeded");
      return account.shared;
    }
    let own = account.reserved.get(request.functionName);
    if (own === undefined) account.reserved.set(request.functionName, (own = { running: 0, account }));
    if (own.running >= request.reserved) throw throttled("ReservedFunctionConcurrentInvocationLimitExceeded");
    return own;
  }

  return {
    enter(request) {
      const slot = slotFor(accountOf(request.scope), request);
      slot.running += 1;
      slot.account.running += 1;
      running += 1;
      return slot;
    },
    leave(slot) {
      slot.running -= 1;
      slot.account.running -= 1;
      running -= 1;
    },
    get running() {
      return running;
    },
  };
}

function newAccount(): Account {
  const account = { running: 0, reserved: new Map<string, Slot>() } as Account;
  account.shared = { running: 0, account };
  return account;
}

/** Reasons of AWS's ThrottleReason that Kiln has. */
export type ThrottleReason = "ConcurrentInvocationLimitExceeded" | "ReservedFunctionConcurrentInvocationLimitExceeded";

export function throttled(reason: ThrottleReason, message = "Rate Exceeded."): ServiceError {
  return new ServiceError("TooManyRequestsException", message, {
    status: 429,
    members: { Reason: reason, Type: "User", retryAfterSeconds: "1" },
  });
}
