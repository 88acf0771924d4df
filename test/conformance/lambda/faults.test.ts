/** A fault of Kiln's own, met by any operation: AWS's ServiceException, and nothing of the inside in it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LambdaServiceException } from "@aws-sdk/client-lambda";
import { startApi } from "../../lambda/api.ts";
import type { OperationName } from "./good-case.ts";
import { send } from "./good-case.ts";
import { goodCases } from "./table.ts";

/** Answered from memory. */
const needNoDisk: readonly OperationName[] = ["GetAccountSettings"];

async function fail(): Promise<never> {
  throw new Error("the disk is broken");
}

describe("a broken disk", () => {
  const bases = new Map(goodCases.toReversed().map((each) => [each.operation, each]));
  for (const [operation, base] of bases) {
    if (needNoDisk.includes(operation)) continue;
    it(`under ${operation} is a ServiceException`, async (t) => {
      const api = await startApi(t);
      await api.deploy("f", { Publish: true });
      const input = await base.input(api);
      await api.functions.settled();
      const { documents } = api.store;
      const before = { ...documents };
      Object.assign(documents, { get: fail, list: fail, batch: fail, create: fail, replace: fail, remove: fail });
      try {
        await assert.rejects(send(api, operation, input), (thrown: LambdaServiceException) => {
          assert.deepEqual([thrown.$metadata.httpStatusCode, thrown.name], [500, "ServiceException"], thrown.message);
          assert.equal(thrown.message, "The AWS Lambda service encountered an internal error.");
          return true;
        });
        assert.equal(api.faults.length, 1);
      } finally {
        Object.assign(documents, before);
      }
    });
  }
});
