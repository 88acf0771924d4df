import assert from "node:assert/strict";
import type { LambdaServiceException } from "@aws-sdk/client-lambda";
import type { TestApi } from "../api.ts";
import type { Case } from "./case.ts";

/** The mistake is answered as the case says. */
export async function checkRefusal(api: TestApi, { send, status, code, message }: Case): Promise<void> {
  await assert.rejects(send(api), (thrown: LambdaServiceException) => {
    assert.deepEqual([thrown.$metadata.httpStatusCode, thrown.name], [status, code], thrown.message);
    if (typeof message === "string") assert.equal(thrown.message, message);
    else assert.match(thrown.message, message);
    return true;
  });
}
