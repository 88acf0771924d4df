/** Nothing is left out: every operation that is built has a right call and a refusal in the tables. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lambdaOperations } from "../../../src/services/lambda/operations.ts";
import { everyRefusal, operationOf } from "./refused.ts";
import { stateCases } from "./states.ts";
import { goodCases } from "./table.ts";

const operations = Object.keys(lambdaOperations);
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
      [...covered].filter((operation) => !operations.includes(operation)),
      [],
    );
  });
});
