/** VpcConfig through the API: private networks of the configuration, in real functions of a real Kiln. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { call, deploy, updated } from "../support/functions.ts";
import { leftovers, startTestKiln } from "../support/kiln.ts";
import { OFFICE, openTopology, PUBLIC, RESOLVER } from "./topology.ts";

/** The probe of the jails' tests as a function. */
const source = `
import { execFileSync } from "node:child_process";
export const handler = (targets) => JSON.parse(execFileSync(process.execPath, ["/var/task/reach.mjs"], {
  env: { ...process.env, TARGETS: JSON.stringify(targets) },
}));`;

const targets = [`tcp ${PUBLIC}:80`, `tcp ${OFFICE}:5432`, `tcp ${OFFICE}:6379`, "tcp 169.254.169.254:80"];
const internet = [`tcp ${PUBLIC}:80`];
const database = { SubnetIds: ["subnet-office"], SecurityGroupIds: ["sg-database"] };

function wrong(message: string): { name: string; message: string } {
  return { name: "InvalidParameterValueException", message };
}

test("functions reach what their subnets and security groups say", async (t) => {
  const topology = openTopology();
  t.after(() => topology.close());
  topology.world.addAddresses(PUBLIC, "169.254.169.254");
  await Promise.all([topology.world.tcp(80), topology.office.tcp(5432), topology.office.tcp(6379)]);
  const folder = mkdtempSync(join(tmpdir(), "kiln-networks-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "networks.json");
  const write = (groups: Record<string, unknown>): void => {
    const subnets = {
      "subnet-office": { vpcId: "vpc-1", cidrs: ["10.20.0.0/24"] },
      "subnet-world": { internet: true },
    };
    writeFileSync(file, JSON.stringify({ subnets, securityGroups: groups }));
  };
  const all = { egress: [{ protocol: "all", cidrs: ["0.0.0.0/0"] }] };
  write({ "sg-database": { egress: [{ protocol: "tcp", ports: 5432, cidrs: [`${OFFICE}/32`] }] }, "sg-all": all });
  const kiln = await startTestKiln(t, { KILN_NETWORKS: file, KILN_NETWORK_DNS: RESOLVER });
  const client = kiln.client();
  const files = {
    "index.mjs": source,
    "reach.mjs": readFileSync(join(import.meta.dirname, "inside/reach.mjs"), "utf8"),
  };

  async function reached(name: string): Promise<string[]> {
    const { payload, error } = await call(client, name, targets);
    assert.equal(error, undefined, JSON.stringify(payload));
    return Object.entries(payload as Record<string, string>)
      .filter(([, outcome]) => outcome === "here")
      .map(([target]) => target);
  }
  async function move(VpcConfig: { SubnetIds: string[]; SecurityGroupIds: string[] }): Promise<void> {
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", VpcConfig }));
    await updated(client, "f");
  }

  // From the second change on, jails of the pool: they had their links before they had a function.
  await deploy(client, "f", files, { Timeout: 20, MemorySize: 512 });
  assert.deepEqual(await reached("f"), internet);
  await move(database);
  assert.deepEqual(await reached("f"), [`tcp ${OFFICE}:5432`]);
  const shown = await client.send(new GetFunctionConfigurationCommand({ FunctionName: "f" }));
  assert.equal(shown.VpcConfig?.VpcId, "vpc-1");
  await move({ SubnetIds: ["subnet-office", "subnet-world"], SecurityGroupIds: ["sg-database", "sg-all"] });
  assert.deepEqual(await reached("f"), [`tcp ${PUBLIC}:80`, `tcp ${OFFICE}:5432`, `tcp ${OFFICE}:6379`]);
  // Variables that act at process start: a jail of its own, not one of the pool.
  await deploy(client, "g", files, {
    Timeout: 20,
    MemorySize: 512,
    VpcConfig: database,
    Environment: { Variables: { NODE_OPTIONS: "--no-warnings" } },
  });
  assert.deepEqual(await reached("g"), [`tcp ${OFFICE}:5432`]);
  await move({ SubnetIds: [], SecurityGroupIds: [] });
  assert.deepEqual(await reached("f"), internet);

  await assert.rejects(
    move({ ...database, SubnetIds: ["subnet-office", "subnet-0"] }),
    wrong(
      "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID 'subnet-0' does not exist",
    ),
  );
  await assert.rejects(
    move({ ...database, SecurityGroupIds: ["sg-0"] }),
    wrong(
      "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The security group 'sg-0' does not exist",
    ),
  );

  await kiln.kill();
  assert.ok(leftovers(kiln.state).some((trace) => trace.startsWith("table")));
  write({ "sg-all": all });
  await kiln.start();
  const after = kiln.client();
  await assert.rejects(call(after, "g", targets), { name: "InvalidSecurityGroupIDException" });
  await kiln.stop();
  assert.deepEqual(leftovers(kiln.state), []);
});
