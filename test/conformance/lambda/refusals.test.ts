/**
 * Bad input through the API: codes, statuses and messages. Where AWS's own answer to the same mistake is known it is
 * repeated word for word; messages that begin otherwise are about what Kiln does not have.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { startApi } from "../../lambda/api.ts";
import { changeCases } from "../../lambda/cases/change.ts";
import { checkRefusal } from "../../lambda/cases/check.ts";
import { provisionedCases, reservedCases } from "../../lambda/cases/concurrency.ts";
import { createCases } from "../../lambda/cases/create.ts";
import { genericCases } from "../../lambda/cases/generic.ts";
import { nameCases } from "../../lambda/cases/names.ts";
import { request } from "../../lambda/support.ts";
import { stateCases } from "./states.ts";

describe("refusals", () => {
  it("say what is wrong, and change nothing", async (t) => {
    const api = await startApi(t);
    await api.deploy("f", { Publish: true });
    const before = await api.store.documents.list("function", "", { limit: 100 });
    for (const each of [
      ...createCases,
      ...changeCases,
      ...nameCases,
      ...genericCases,
      ...reservedCases,
      ...provisionedCases,
    ])
      await t.test(each.title, () => checkRefusal(api, each));
    await api.functions.settled();
    assert.deepEqual(await api.store.documents.list("function", "", { limit: 100 }), before);
    assert.equal(api.artifacts.stored.size, 1);
    assert.deepEqual(api.faults, []);
    assert.deepEqual(api.reports, []);
  });

  for (const each of stateCases) {
    it(each.title, async (t) => checkRefusal(await each.arrange(t), each));
  }

  it("pass what asks for nothing, and keep what has no effect yet", async (t) => {
    const { client } = await startApi(t);
    const answer = await client.send(
      new CreateFunctionCommand(
        request("f", {
          VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
          Layers: [],
          FileSystemConfigs: [],
          ImageConfig: {},
          KMSKeyArn: "",
          TracingConfig: { Mode: "Active" },
          SnapStart: { ApplyOn: "None" },
          DeadLetterConfig: { TargetArn: "arn:aws:sqs:us-east-1:123456789012:queue" },
          Environment: { Variables: {} },
        }),
      ),
    );
    assert.deepEqual(answer.TracingConfig, { Mode: "Active" });
    assert.deepEqual(answer.DeadLetterConfig, { TargetArn: "arn:aws:sqs:us-east-1:123456789012:queue" });
    assert.deepEqual(answer.Environment, { Variables: {} });
    assert.equal(answer.VpcConfig, undefined);
  });
});
