/** How much of an account's concurrency may be held: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html */
import type { ServiceError } from "../../base/errors.ts";
import { invalidParameter } from "../errors.ts";

/** What AWS keeps for functions without a reservation. */
const LEAST_UNRESERVED = 100;

/**
 * Accounts that have less than that keep all of it: an account of 10, as AWS makes new ones, is told of a minimum value of
 * 10, and can reserve nothing but 0.
 */
export function leastUnreserved(accountLimit: number): number {
  return Math.min(LEAST_UNRESERVED, accountLimit);
}

/** @param member What the request calls the concurrency that it asks for. */
export function tooLittleLeft(member: string, accountLimit: number): ServiceError {
  return invalidParameter(
    `Specified ${member} for function decreases account's UnreservedConcurrentExecution below its minimum value of [${leastUnreserved(accountLimit)}].`,
  );
}

export function moreThanUnreserved(unreserved: number): ServiceError {
  return invalidParameter(
    `Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [${unreserved}].`,
  );
}

export function moreThanReserved(): ServiceError {
  return invalidParameter(
    "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
  );
}

/** AWS's spaces, all of them. */
export function lessThanProvisioned(reserved: number, provisioned: number): ServiceError {
  return invalidParameter(
    ` ReservedConcurrentExecutions  ${reserved} should not be lower than function's total provisioned concurrency [${provisioned}].`,
  );
}
