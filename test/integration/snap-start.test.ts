/** SnapStart in microVMs, with the real AWS CLI: from the publication to environments that go on from one snapshot. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  GetFunctionConfigurationCommand,
  PublishVersionCommand,
  waitUntilPublishedVersionActive,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { microvm } from "../isolation/levels.ts";
import { awsCli } from "../support/aws-cli.ts";
import { call, deploy } from "../support/functions.ts";
import { leftovers, startTestKiln } from "../support/kiln.ts";

const source = `
import os, random, ssl, time, uuid
import botocore.session
from snapshot_restore_py import register_after_restore, register_before_snapshot

initialised = time.time()
hooks = []
register_before_snapshot(hooks.append, "before")
register_after_restore(hooks.append, "after")
seeded = random.random()
session = botocore.session.get_session()

def identity():
    client = session.create_client("sts", region_name=os.environ["AWS_REGION"], endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    return client.get_caller_identity()["Arn"]

def handler(event, context):
    time.sleep(event.get("sleep", 0))
    return {
        "initialised": initialised,
        "now": time.time(),
        "hooks": hooks,
        "uuid": str(uuid.uuid4()),
        "random": random.random(),
        "ssl": ssl.RAND_bytes(16).hex(),
        "type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"],
        "key": os.environ.get("AWS_ACCESS_KEY_ID"),
        "identity": identity() if event.get("identity") else None,
    }
`;

interface Seen {
  initialised: number;
  now: number;
  hooks: string[];
  uuid: string;
  random: number;
  ssl: string;
  type: string;
  key: string | null;
  identity: string | null;
}

const settings = {
  Runtime: "python3.13",
  Handler: "lambda_function.handler",
  // Under emulation an import takes seconds, and so does the first call of a client of AWS.
  MemorySize: 512,
  Timeout: 300,
  SnapStart: { ApplyOn: "PublishedVersions" },
} as const;
const files = { "lambda_function.py": source };
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});
const { skip } = microvm;

async function restored(client: LambdaClient, event: object = {}): Promise<{ seen: Seen; log: string }> {
  const { payload, error, log } = await call(client, "f", event, { Qualifier: "1" });
  assert.equal(error, undefined, JSON.stringify(payload));
  return { seen: payload as Seen, log };
}

test(
  "SnapStart: environments of a version share what init made, and nothing that must differ",
  { skip },
  async (context) => {
    const kiln = await startTestKiln(context, {
      KILN_ISOLATION: "microvm",
      KILN_AUTH: "on",
      KILN_FUNCTION_API: "on",
    });
    const { url: endpoint, region, accessKeyId, secretAccessKey } = kiln.endpoint();
    const iam = new IAMClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });
    context.after(() => iam.destroy());
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: "restored", AssumeRolePolicyDocument: trust }));
    const client = kiln.client();
    await deploy(client, "f", files, { ...settings, Role: Role?.Arn });
    const aws = await awsCli(kiln);

    const published = await aws.answer("publish-version", "--function-name", "f");
    assert.deepEqual([published["Version"], published["State"]], ["1", "Pending"]);
    assert.deepEqual(published["SnapStart"], { ApplyOn: "PublishedVersions", OptimizationStatus: "Off" });
    const early = await aws.call("invoke", "--function-name", "f", "--qualifier", "1", "/dev/null");
    assert.match(early.stderr, /SnapStartNotReadyException/);
    const waited = await aws.call("wait", "published-version-active", "--function-name", "f", "--qualifier", "1");
    assert.equal(waited.status, 0, waited.stderr);
    const active = await aws.answer("get-function-configuration", "--function-name", "f", "--qualifier", "1");
    assert.deepEqual(active["SnapStart"], { ApplyOn: "PublishedVersions", OptimizationStatus: "On" });

    // Both at once, and each long enough for the other to need an environment of its own.
    const [one, two] = await Promise.all([restored(client, { sleep: 30 }), restored(client, { sleep: 30 })]);
    for (const { seen, log } of [one, two]) {
      assert.deepEqual([seen.type, seen.key, seen.hooks], ["snap-start", null, ["before", "after"]]);
      assert.ok(Math.abs(seen.now * 1000 - Date.now()) < 10 * 60_000, "the clock is the host's");
      assert.match(log, /\tRestore Duration: \d+\.\d\d ms\tBilled Restore Duration: \d+ ms\t/);
      assert.doesNotMatch(log, /Init Duration/);
    }
    assert.equal(one.seen.initialised, two.seen.initialised);
    for (const differs of ["uuid", "random", "ssl"] as const)
      assert.notEqual(one.seen[differs], two.seen[differs], differs);
    const { seen } = await restored(client, { identity: true });
    assert.match(seen.identity ?? "", /^arn:aws:sts::000000000000:assumed-role\/restored\/f$/);
  },
);

test(
  "SnapStart: a kill while the snapshot is taken, and one after, leave a version that works",
  { skip },
  async (context) => {
    const kiln = await startTestKiln(context, { KILN_ISOLATION: "microvm" });
    await deploy(kiln.client(), "f", files, settings);
    await kiln.client().send(new PublishVersionCommand({ FunctionName: "f" }));
    await kiln.kill();
    await kiln.start();
    const active = async (): Promise<void> => {
      const waiting = { client: kiln.client(), maxWaitTime: 600 };
      await waitUntilPublishedVersionActive(waiting, { FunctionName: "f", Qualifier: "1" });
      const about = { FunctionName: "f", Qualifier: "1" };
      const { SnapStart } = await kiln.client().send(new GetFunctionConfigurationCommand(about));
      assert.equal(SnapStart?.OptimizationStatus, "On");
    };
    await active();
    const before = await restored(kiln.client());
    await kiln.kill();
    await kiln.start();
    await active();
    const after = await restored(kiln.client());
    assert.equal(after.seen.initialised, before.seen.initialised, "the snapshot is the one on the disk");
    assert.notEqual(after.seen.uuid, before.seen.uuid);
    await kiln.stop();
    assert.deepEqual(leftovers(kiln.state), []);
  },
);
