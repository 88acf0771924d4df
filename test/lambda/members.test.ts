/** Members of functions that are kept without an effect: what is answered, what a change does, what goes with what. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationRequest,
} from "@aws-sdk/client-lambda";
import type { Runtimes } from "../../src/artifacts/contract.ts";
import { startApi, type TestApi } from "./api.ts";
import { request, testRuntimes } from "./support.ts";

const accessPoint = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0";
const files = [{ Arn: accessPoint, LocalMountPath: "/mnt/a" }];
const network = { SubnetIds: ["subnet-1", "subnet-2"], SecurityGroupIds: ["sg-1"] };

/** Changes `f`, waits until it is ready, and answers what it has become. */
async function change({ client, functions }: TestApi, input: Partial<UpdateFunctionConfigurationRequest>) {
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", ...input }));
  await functions.settled();
  return client.send(new GetFunctionConfigurationCommand({ FunctionName: "f" }));
}

describe("members of functions", () => {
  it("of the network are kept, changed and given up", async (t) => {
    const api = await startApi(t);
    const created = await api.client.send(new CreateFunctionCommand(request("f", { VpcConfig: network })));
    await api.functions.settled();
    const { VpcId, ...shown } = created.VpcConfig ?? {};
    assert.match(VpcId ?? "", /^vpc-[0-9a-f]{17}$/);
    assert.deepEqual(shown, { ...network, Ipv6AllowedForDualStack: false });
    assert.deepEqual((await change(api, { Timeout: 9 })).VpcConfig, created.VpcConfig);
    const other = { SubnetIds: ["subnet-3"], SecurityGroupIds: ["sg-2"], Ipv6AllowedForDualStack: true };
    const { VpcId: _other, ...changed } = (await change(api, { VpcConfig: other })).VpcConfig ?? {};
    assert.deepEqual(changed, other);
    const left = await change(api, { VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } });
    const nothing = { SubnetIds: [], SecurityGroupIds: [], VpcId: "", Ipv6AllowedForDualStack: false };
    assert.deepEqual(left.VpcConfig, nothing);
  });

  it("of file systems need the network, which cannot go before them", async (t) => {
    const api = await startApi(t);
    await api.deploy("f", { VpcConfig: network });
    assert.deepEqual((await change(api, { FileSystemConfigs: files })).FileSystemConfigs, files);
    await assert.rejects(change(api, { VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } }), {
      message: `Function VPC configuration cannot be removed with access point ${accessPoint} referenced.`,
    });
    const gone = await change(api, { FileSystemConfigs: [], VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } });
    assert.equal(gone.FileSystemConfigs, undefined);
    assert.equal(gone.VpcConfig?.VpcId, "");
  });

  it("of keys, dead letters and tracing are kept, and cleared by empty values", async (t) => {
    const api = await startApi(t);
    const KMSKeyArn = "arn:aws:kms:us-east-1:123456789012:key/1";
    const TargetArn = "arn:aws:sns:us-east-1:123456789012:topic";
    const asked = { KMSKeyArn, DeadLetterConfig: { TargetArn }, TracingConfig: { Mode: "Active" as const } };
    const created = await api.client.send(new CreateFunctionCommand(request("f", asked)));
    await api.functions.settled();
    for (const shown of [created, await change(api, { Timeout: 9 })]) {
      assert.deepEqual([shown.KMSKeyArn, shown.DeadLetterConfig, shown.TracingConfig], Object.values(asked));
    }
    const cleared = await change(api, { KMSKeyArn: "", DeadLetterConfig: { TargetArn: "" } });
    assert.deepEqual([cleared.KMSKeyArn, cleared.DeadLetterConfig], [undefined, undefined]);
  });

  it("of SnapStart are kept where nothing is optimized, and only where the runtime has it", async (t) => {
    const entries = ["nodejs24.x", "python3.13", "java21"].map((id) => ({ id, family: "nodejs" as const }));
    const runtimes: Runtimes = {
      catalogue: () => entries,
      entry: (id) => entries.find((entry) => entry.id === id),
      image: (id) => testRuntimes.image("nodejs24.x") && { ...testRuntimes.image("nodejs24.x")!, id },
    };
    const api = await startApi(t, { runtimes });
    await api.deploy("f", { Runtime: "python3.13" });
    const changed = await change(api, { SnapStart: { ApplyOn: "PublishedVersions" } });
    assert.deepEqual(changed.SnapStart, { ApplyOn: "PublishedVersions", OptimizationStatus: "Off" });
    await api.client.send(new PublishVersionCommand({ FunctionName: "f" }));
    const { Versions } = await api.client.send(new ListVersionsByFunctionCommand({ FunctionName: "f" }));
    assert.deepEqual(
      Versions?.map(({ Version, SnapStart }) => [Version, SnapStart?.OptimizationStatus]),
      [
        ["$LATEST", "Off"],
        ["1", "Off"],
      ],
    );
    await assert.rejects(change(api, { Runtime: "nodejs24.x" }), {
      message: "nodejs24.x is not supported for SnapStart enabled functions.",
    });
    assert.equal((await change(api, { Runtime: "java21" })).Runtime, "java21");
  });

  it("of logging have levels in JSON only", async (t) => {
    const api = await startApi(t);
    await api.deploy("f");
    const text = { LogFormat: "Text", LogGroup: "/aws/lambda/f" };
    const json = { ...text, LogFormat: "JSON", ApplicationLogLevel: "INFO", SystemLogLevel: "INFO" };
    for (const [LoggingConfig, expected] of [
      [{ LogFormat: "JSON" }, json],
      [{ ApplicationLogLevel: "DEBUG" }, { ...json, ApplicationLogLevel: "DEBUG" }],
      [{ SystemLogLevel: "WARN" }, { ...json, ApplicationLogLevel: "DEBUG", SystemLogLevel: "WARN" }],
      [{ LogFormat: "Text" }, text],
      [{ LogGroup: "cool_lambda" }, { ...text, LogGroup: "cool_lambda" }],
    ] as const) {
      assert.deepEqual((await change(api, { LoggingConfig })).LoggingConfig, expected);
    }
    await assert.rejects(change(api, { LoggingConfig: { SystemLogLevel: "DEBUG" } }), {
      message: /^LogLevel is not supported when LogFormat is set to "Text"/,
    });
  });
});
