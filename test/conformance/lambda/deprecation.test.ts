/** AWS's dates for the end of every runtime of the catalogue, to the day. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CreateFunctionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type LambdaServiceException,
  type Runtime,
} from "@aws-sdk/client-lambda";
import { catalogue } from "../../../src/artifacts/runtimes/catalogue.ts";
import type { Runtimes } from "../../../src/artifacts/contract.ts";
import { startApi } from "../../lambda/api.ts";
import { request, testRuntimes } from "../../lambda/support.ts";

/** AWS's catalogue as if every runtime had an image. */
const everyRuntime: Runtimes = {
  catalogue: () => catalogue,
  entry(id) {
    const { unavailable: _, ...entry } = catalogue.find((each) => each.id === id) ?? assert.fail(id);
    return entry;
  },
  image: (id) => ({ ...(testRuntimes.image("nodejs24.x") ?? assert.fail()), id }),
};

const day = 24 * 60 * 60 * 1000;
const at = (date: string) => Date.parse(`${date}T00:00:00Z`);

function blocked(runtime: string): object {
  return {
    name: "InvalidParameterValueException",
    message:
      `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. ` +
      "We recommend you use a supported runtime while creating or updating functions.",
  };
}

describe("the end of runtimes", () => {
  it("blocks the creation of functions, and then their update, on AWS's days", async (t) => {
    let now = 0;
    const api = await startApi(t, { runtimes: everyRuntime, clock: () => now });
    const { client, functions } = api;
    for (const { id, blockCreate, blockUpdate } of catalogue) {
      if (blockCreate === undefined || blockUpdate === undefined) continue;
      const FunctionName = `f-${id.replaceAll(".", "-")}`;
      const create = (name: string) =>
        client.send(new CreateFunctionCommand(request(name, { Runtime: id as Runtime, Handler: "h" })));
      const configure = (Description: string, runtime?: string) =>
        client.send(
          new UpdateFunctionConfigurationCommand({
            FunctionName,
            Description,
            ...(runtime === undefined ? {} : { Runtime: runtime as Runtime }),
          }),
        );
      const code = (text: string) =>
        client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: Buffer.from(text) }));

      now = at(blockCreate) - 1;
      await create(FunctionName);
      await functions.settled();
      now = at(blockCreate);
      await assert.rejects(create(`${FunctionName}-2`), blocked(id), `${id} created on ${blockCreate}`);

      now = at(blockUpdate) - 1;
      await configure("the last day");
      await functions.settled();
      await code("the last day");
      await functions.settled();
      for (now = at(blockUpdate); now <= at(blockUpdate) + day; now += day) {
        await assert.rejects(configure("too late"), blocked(id), `${id} configured on ${blockUpdate}`);
        await assert.rejects(configure("too late", id), blocked(id), `${id} chosen on ${blockUpdate}`);
        await assert.rejects(code("too late"), blocked(id), `${id} given code on ${blockUpdate}`);
      }
      // The way out stays open.
      const moved = await configure("moved", "nodejs26.x");
      assert.equal(moved.Runtime, "nodejs26.x");
      await functions.settled();
    }
    assert.deepEqual(api.faults, []);
  });

  it("leaves functions that are there callable and publishable", async (t) => {
    let now = at("2027-06-01") - 1;
    const { client, deploy, functions } = await startApi(t, { runtimes: everyRuntime, clock: () => now });
    await deploy("f", { Runtime: "nodejs22.x" });
    now = at("2030-01-01");
    const { version } = await functions.publish({ account: "123456789012", region: "us-east-1" }, "f", {});
    assert.equal(version.version, "1");
    await assert.rejects(
      client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Timeout: 5 })),
      (thrown: LambdaServiceException) => thrown.$metadata.httpStatusCode === 400,
    );
  });
});
