/** Functions that are isolated by tenant: no environment serves two, whatever a tenant leaves behind. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateFunctionUrlConfigCommand,
  GetFunctionConfigurationCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { call, deploy, updated } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

const source = `
import { existsSync, writeFileSync } from "node:fs";
let calls = 0;
export const handler = async (event, context) => {
  const found = existsSync("/tmp/mine");
  writeFileSync("/tmp/mine", "secret");
  return { tenant: context.tenantId, calls: (calls += 1), found };
};`;

test("each tenant has environments of its own", async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  await deploy(client, "shared", source, { TenancyConfig: { TenantIsolationMode: "PER_TENANT" } });
  await deploy(client, "plain", source);
  const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName: "shared" }));
  assert.deepEqual(found.TenancyConfig, { TenantIsolationMode: "PER_TENANT" });

  const as = async (TenantId: string) => (await call(client, "shared", {}, { TenantId })).payload;
  assert.deepEqual(await as("blue"), { tenant: "blue", calls: 1, found: false });
  assert.deepEqual(await as("green"), { tenant: "green", calls: 1, found: false });
  assert.deepEqual(await as("blue"), { tenant: "blue", calls: 2, found: true });
  assert.deepEqual(await as("green"), { tenant: "green", calls: 2, found: true });

  // A change retires the environments of all tenants.
  await client.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: "shared", Description: "changed", Timeout: 5 }),
  );
  await updated(client, "shared");
  assert.deepEqual(await as("blue"), { tenant: "blue", calls: 1, found: false });

  const name = "InvalidParameterValueException";
  await assert.rejects(call(client, "shared"), {
    name,
    message: /is enabled with tenancy configuration\. Add a valid/,
  });
  await assert.rejects(call(client, "plain", {}, { TenantId: "blue" }), {
    name,
    message: /is not enabled with tenancy/,
  });
  const url = { FunctionName: "shared", AuthType: "NONE" as const };
  await assert.rejects(client.send(new CreateFunctionUrlConfigCommand(url)), {
    name,
    message: /Function URLs are not/,
  });
});
