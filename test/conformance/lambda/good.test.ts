/** The good path of every operation: status and the whole answer, each case on a fresh account. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startApi } from "../../lambda/api.ts";
import { send } from "./good-case.ts";
import { match } from "./match.ts";
import { goodCases } from "./table.ts";

describe("good calls", { concurrency: 2 }, () => {
  for (const { operation, title, input, status, answer } of goodCases) {
    it(`${operation}: ${title}`, async (t) => {
      const api = await startApi(t);
      await api.deploy("f", { Publish: true });
      const asked = await input(api);
      api.artifacts.hold();
      const { $metadata, ...rest } = await send(api, operation, asked);
      assert.equal($metadata.httpStatusCode, status);
      match(rest, answer);
      api.artifacts.release();
      await api.functions.settled();
      assert.deepEqual(api.faults, []);
      assert.deepEqual(api.reports, []);
    });
  }
});
