/**
 * Nothing is left out: every operation that is built has a right call and a refusal in the tables, and every exception that
 * the official client documents for it has a case, or a reason.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lambdaOperations } from "../../../src/services/lambda/operations.ts";
import { documentedExceptions, notHere, nowhere } from "./documented.ts";
import type { OperationName } from "./good-case.ts";
import { everyRefusal, operationOf } from "./refused.ts";
import { stateCases } from "./states.ts";
import { goodCases } from "./table.ts";

const operations = Object.keys(lambdaOperations) as OperationName[];
/** Has no input, so nothing can be wrong with it. */
const refusesNothing = new Set(["GetAccountSettings"]);

describe("the tables of the suite", () => {
  it("have a right call of every operation", () => {
    const covered = new Set<string>(goodCases.map(({ operation }) => operation));
    assert.deepEqual(
      operations.filter((operation) => !covered.has(operation)),
      [],
    );
  });

  it("have a refusal of every operation, and name the operation in its title", async () => {
    const refusals = [...(await everyRefusal()), ...stateCases];
    const covered = new Set(refusals.map(operationOf));
    assert.deepEqual(
      operations.filter((operation) => !covered.has(operation) && !refusesNothing.has(operation)),
      [],
    );
    assert.deepEqual(
      [...covered].filter((title) => !operations.some((operation) => operation === title)),
      [],
    );
  });

  it("have every exception that is documented, or say why not", async () => {
    const refusals = [...(await everyRefusal()), ...stateCases];
    for (const operation of operations) {
      const met = new Set(refusals.filter((each) => operationOf(each) === operation).map(({ code }) => code));
      const excused = { ...nowhere, ...notHere[operation] };
      assert.deepEqual(
        documentedExceptions(operation).filter((name) => !met.has(name) && !Object.hasOwn(excused, name)),
        [],
        operation,
      );
      // An excuse that a case contradicts is none.
      assert.deepEqual(
        Object.keys(notHere[operation] ?? {}).filter((name) => met.has(name)),
        [],
        operation,
      );
    }
  });
});
