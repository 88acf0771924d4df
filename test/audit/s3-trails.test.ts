/** Trails in a store that others wrote: moto's S3. Read back by kiln audit verify, and by the AWS CLI's own validation. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { CloudTrailClient, CreateTrailCommand, StartLoggingCommand } from "@aws-sdk/client-cloudtrail";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { endpointRules } from "../../src/edge/client-files/endpoint-rules.ts";
import { withoutMoto } from "../../tools/moto.ts";
import { kilnProgram, run, startTestKiln } from "../support/kiln.ts";
import { startMoto } from "../support/moto.ts";

const without = await withoutMoto();
const skip = without === undefined ? false : without;

test(
  "files and digests of a trail in S3 are verified, and what was done to them is found",
  { skip, timeout: 180_000 },
  async (context) => {
    const { endpoint } = await startMoto(context);
    const credentials = { accessKeyId: "store", secretAccessKey: "of-objects" };
    const s3 = new S3Client({ endpoint, region: "us-east-1", credentials, forcePathStyle: true });
    context.after(() => s3.destroy());
    const Bucket = "records";
    await s3.send(new CreateBucketCommand({ Bucket }));
    const environment = {
      KILN_AUTH: "on",
      KILN_AUDIT_BUCKETS: "s3",
      KILN_AUDIT_DELIVERY_MS: "100",
      KILN_AUDIT_DIGEST_MS: "1000",
      KILN_S3_ENDPOINT: endpoint,
      KILN_S3_ACCESS_KEY_ID: credentials.accessKeyId,
      KILN_S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
    const kiln = await startTestKiln(context, environment);
    const { url, region, accessKeyId, secretAccessKey } = kiln.endpoint();
    const trail = new CloudTrailClient({ endpoint: url, region, credentials: { accessKeyId, secretAccessKey } });
    context.after(() => trail.destroy());
    await trail.send(new CreateTrailCommand({ Name: "all", S3BucketName: Bucket, EnableLogFileValidation: true }));
    await trail.send(new StartLoggingCommand({ Name: "all" }));

    const keys = async () => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      return Contents.map(({ Key = "" }) => Key);
    };
    // Digests are written by the clock; each one here is of a second.
    const started = Date.now();
    while ((await keys()).filter((key) => key.includes("/CloudTrail-Digest/")).length < 2) {
      assert.ok(Date.now() - started < 120_000, `no digests:\n${kiln.output()}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await kiln.stop();
    const verified = async () => {
      const { status, stdout, stderr } = await run(
        kilnProgram,
        ["audit", "verify", "--state", kiln.state, "--json"],
        environment,
      );
      const { trails } = JSON.parse(stdout) as {
        trails: { digests: number; files: number; findings: { problem: string; file: string }[] }[];
      };
      assert.ok(trails.length === 1, stderr);
      return { status, ...(trails[0] as NonNullable<(typeof trails)[0]>) };
    };
    const whole = await verified();
    assert.deepEqual([whole.status, whole.findings], [0, []]);
    assert.ok(whole.digests >= 2 && whole.files >= 1);

    const [log = ""] = (await keys()).filter((key) => key.includes("/CloudTrail/"));
    const [, digest = ""] = (await keys()).filter((key) => key.includes("/CloudTrail-Digest/"));
    for (const [key, problem] of [
      [log, "altered"],
      [log, "missing"],
      [digest, "altered"],
    ] as const) {
      const before = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
      const bytes = (await before.Body?.transformToByteArray()) ?? new Uint8Array();
      if (problem === "missing") await s3.send(new DeleteObjectCommand({ Bucket, Key: key }));
      else await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: "changed" }));
      const { status, findings } = await verified();
      assert.equal(status, 1);
      assert.ok(
        findings.some((found) => found.problem === problem && found.file === `s3://records/${key}`),
        problem,
      );
      await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: bytes, Metadata: before.Metadata ?? {} }));
    }
    assert.deepEqual((await verified()).findings, []);

    // The AWS CLI, which asks Kiln for the trail and its public keys, and the store for the files.
    await kiln.start();
    const rules = join(kiln.state, "rules");
    const ofStore = endpointRules(endpoint) as { rules: { conditions: unknown[]; endpoint: { url: string } }[] };
    const inBucket = {
      conditions: [{ fn: "isSet", argv: [{ ref: "Bucket" }] }],
      endpoint: { url: `${endpoint}/{Bucket}`, properties: {}, headers: {} },
      type: "endpoint",
    };
    const parameters = { Bucket: { type: "String", required: false, documentation: "Bucket" } };
    const s3Rules = {
      ...ofStore,
      parameters: { ...(ofStore as unknown as { parameters: object }).parameters, ...parameters },
      rules: [inBucket, ...ofStore.rules],
    };
    for (const [service, version, content] of [
      ["cloudtrail", "2013-11-01", endpointRules(kiln.endpoint().url)],
      ["s3", "2006-03-01", s3Rules],
    ] as const) {
      await mkdir(join(rules, service, version), { recursive: true });
      await writeFile(join(rules, service, version, "endpoint-rule-set-1.json"), JSON.stringify(content));
    }
    const { stdout, stderr, status } = await run(
      "/usr/bin/aws",
      [
        "cloudtrail",
        "validate-logs",
        "--trail-arn",
        `arn:aws:cloudtrail:us-east-1:000000000000:trail/all`,
        "--start-time",
        new Date(Date.now() - 3_600_000).toISOString(),
        "--verbose",
      ],
      {
        AWS_DATA_PATH: rules,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      },
    );
    assert.equal(status, 0, stderr);
    const [, valid, of] = /(\d+)\/(\d+) digest files valid/.exec(stdout) ?? [];
    assert.ok(valid === of && Number(of) >= 2, stdout);
    assert.match(stdout, /(\d+)\/\1 log files valid/);
    assert.doesNotMatch(stdout, /INVALID/);
  },
);
