/** CloudTrail's API over HTTP: what was recorded is found, and delivered in files that CloudTrail's readers understand. */
import assert from "node:assert/strict";
import { createPublicKey, hash, verify } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  CloudTrailClient,
  CreateTrailCommand,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  ListPublicKeysCommand,
  LookupEventsCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  type LookupAttribute,
  type LookupEventsCommandInput,
} from "@aws-sdk/client-cloudtrail";
import { CreateFunctionCommand, DeleteFunctionCommand, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { directoryBucket } from "../../src/security/audit/trails/directory-bucket.ts";
import type { Digest } from "../../src/security/audit/trails/digest.ts";
import { createTrails } from "../../src/security/audit/trails/trails.ts";
import { verifyTrails } from "../../src/security/audit/trails/verify.ts";
import { cloudTrailService } from "../../src/services/cloudtrail/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { constraintTables } from "../../src/wire/index.ts";
import { startServer } from "../wire/server.ts";
import { auditPlace } from "./support.ts";

const code = { ZipFile: Buffer.from("x") };
const role = "arn:aws:iam::123456789012:role/r";

async function startCloudTrail(context: TestContext) {
  const place = await auditPlace(context);
  const audit = await place.open();
  const root = await mkdtemp(join(tmpdir(), "kiln-trails-"));
  const store = await openSqliteStore({ dir: join(root, "store") });
  const time = { now: Date.parse("2026-11-23T10:00:00Z") };
  const options = {
    documents: store.documents,
    log: audit.log,
    bucket: directoryBucket(join(root, "buckets")),
    key: place.key,
    dir: join(root, "trails"),
    deliveryMs: 1e6,
    digestMs: 3_600_000,
    recordsDataEvents: false,
    clock: () => time.now,
    report: (error: unknown) => void place.reports.push(error),
  };
  const trails = createTrails(options);
  const server = await startServer({
    audit: audit.calls,
    lambda: { CreateFunction: () => ({}), DeleteFunction: () => ({}), ListFunctions: () => ({}) },
    services: [
      cloudTrailService({ log: audit.log, trails, clock: options.clock, constraints: constraintTables["cloudtrail"] }),
    ],
  });
  const client = new CloudTrailClient({
    endpoint: server.url,
    region: "eu-central-1",
    credentials: { accessKeyId: "123456789012", secretAccessKey: "any" },
    maxAttempts: 1,
  });
  context.after(async () => {
    client.destroy();
    await server[Symbol.asyncDispose]();
    await trails.close();
    await store.close();
    await rm(root, { recursive: true, force: true });
  });
  const lambda = server.lambda();
  const create = (name: string) =>
    lambda.send(new CreateFunctionCommand({ FunctionName: name, Role: role, Code: code }));
  const bucket = join(root, "buckets", "records");
  const filesIn = async (kind: string) => {
    const names = await readdir(bucket, { recursive: true });
    return names.filter((name) => name.includes(`/${kind}/`) && name.endsWith(".json.gz")).toSorted();
  };
  const verified = () => verifyTrails(options.bucket, options.dir, place.key);
  return { ...place, audit, server, client, lambda, create, trails, time, bucket, filesIn, verified };
}

test("events are found by attributes and times, page by page", async (context) => {
  const { client, create, lambda, server } = await startCloudTrail(context);
  for (const name of ["a", "b", "c"]) await create(name);
  await lambda.send(new DeleteFunctionCommand({ FunctionName: "b" }));
  await lambda.send(new ListFunctionsCommand({}));
  await server.lambda({ region: "us-west-2" }).send(new DeleteFunctionCommand({ FunctionName: "b" }));
  const look = async (AttributeKey: LookupAttribute["AttributeKey"], AttributeValue: string) => {
    const { Events = [] } = await client.send(
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey, AttributeValue }] }),
    );
    return Events.map(
      ({ EventName, Resources = [] }) => `${EventName} ${Resources[0]?.ResourceName?.split(":").at(-1)}`,
    );
  };
  const created = ["c", "b", "a"].map((name) => `CreateFunction20150331 ${name}`);
  assert.deepEqual(await look("EventName", "CreateFunction20150331"), created);
  assert.deepEqual(await look("ResourceName", "b"), ["DeleteFunction20150331 b", "CreateFunction20150331 b"]);
  assert.deepEqual(await look("Username", "nobody"), []);
  assert.equal((await look("ResourceType", "AWS::Lambda::Function")).length, 4);
  assert.ok((await look("Username", "root")).length >= 5);
  assert.equal((await look("ReadOnly", "false")).length, 4);

  const LookupAttributes = [{ AttributeKey: "EventName", AttributeValue: "CreateFunction20150331" } as const];
  const first = await client.send(new LookupEventsCommand({ LookupAttributes, MaxResults: 2 }));
  const { NextToken } = first;
  const second = await client.send(new LookupEventsCommand({ LookupAttributes, NextToken }));
  assert.deepEqual([first.Events?.length, second.Events?.length, second.NextToken], [2, 1, undefined]);
  const [event] = second.Events ?? [];
  const record = JSON.parse(event?.CloudTrailEvent ?? "") as Record<string, unknown>;
  assert.deepEqual([record["eventID"], record["awsRegion"]], [event?.EventId, "eu-central-1"]);

  const wrong: [LookupEventsCommandInput, string][] = [
    [{ NextToken }, "InvalidNextTokenException"],
    [{ StartTime: new Date(2000), EndTime: new Date(1000) }, "InvalidTimeRangeException"],
    [{ LookupAttributes: [...LookupAttributes, ...LookupAttributes] }, "InvalidLookupAttributesException"],
  ];
  for (const [input, error] of wrong) {
    await assert.rejects(client.send(new LookupEventsCommand(input)), { name: error });
  }
  const past = await client.send(new LookupEventsCommand({ EndTime: new Date(1000) }));
  assert.deepEqual(past.Events, []);
});

test("a trail delivers files and digests that follow one another, as CloudTrail signs them", async (context) => {
  const cloud = await startCloudTrail(context);
  const { client, create, trails, time, bucket, filesIn } = cloud;
  const Name = "main-trail";
  await create("before");
  await client.send(new CreateTrailCommand({ Name, S3BucketName: "records", EnableLogFileValidation: true }));
  await client.send(new StartLoggingCommand({ Name }));
  await create("one");
  await trails.deliverNow();
  time.now += 3_600_000;
  await create("two");
  await trails.deliverNow();
  time.now += 3_600_000;
  await trails.deliverNow();

  const logs = await filesIn("CloudTrail");
  assert.equal(logs.length, 2);
  assert.match(
    logs[0] ?? "",
    /^AWSLogs\/123456789012\/CloudTrail\/eu-central-1\/\d{4}\/\d\d\/\d\d\/123456789012_CloudTrail_eu-central-1_\d{8}T\d{4}Z_\w{16}\.json\.gz$/,
  );
  const records = await Promise.all(
    logs.map(async (name) => {
      const { Records } = JSON.parse(gunzipSync(await readFile(join(bucket, name))).toString()) as {
        Records: { eventName: string; requestParameters: { functionName?: string } | null }[];
      };
      return Records.map(({ requestParameters }) => requestParameters?.functionName).filter(
        (name) => name !== undefined,
      );
    }),
  );
  assert.deepEqual(records.flat().toSorted(), ["one", "two"]);

  const digests = await filesIn("CloudTrail-Digest");
  assert.equal(digests.length, 2);
  const keys = await client.send(new ListPublicKeysCommand({}));
  const [published] = keys.PublicKeyList ?? [];
  const key = createPublicKey({ key: Buffer.from(published?.Value ?? []), format: "der", type: "pkcs1" });
  let previous: { hash: string; signature: string } | undefined;
  for (const name of digests) {
    const content = gunzipSync(await readFile(join(bucket, name)));
    const digest = JSON.parse(content.toString()) as Digest;
    const beside = JSON.parse(await readFile(join(bucket, `${name}.metadata.json`), "utf8")) as { signature: string };
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
    const text = `${digest.digestEndTime}\nrecords/${name}\n${hash("sha256", content, "hex")}\n${digest.previousDigestSignature ?? "null"}`;
    assert.ok(verify("sha256", Buffer.from(text), key, Buffer.from(beside.signature, "hex")));
    assert.equal(digest.digestPublicKeyFingerprint, published?.Fingerprint);
    assert.equal(digest.previousDigestHashValue, previous?.hash ?? null);
    assert.equal(digest.previousDigestSignature, previous?.signature ?? null);
    for (const { s3Object, hashValue } of digest.logFiles) {
      assert.equal(hash("sha256", gunzipSync(await readFile(join(bucket, s3Object))), "hex"), hashValue);
    }
    previous = { hash: hash("sha256", content, "hex"), signature: beside.signature };
  }
  const [result] = await cloud.verified();
  assert.deepEqual([result?.digests, result?.files, result?.findings], [2, 2, []]);

  const status = await client.send(new GetTrailStatusCommand({ Name }));
  assert.ok(status.IsLogging === true && status.LatestDeliveryTime !== undefined);
  await create("three");
  await client.send(new StopLoggingCommand({ Name }));
  await create("four");
  await trails.deliverNow();
  assert.equal((await filesIn("CloudTrail")).length, 3);
  assert.deepEqual((await cloud.verified())[0]?.findings, []);

  const [last = ""] = digests.slice(-1);
  for (const [file, change, problem] of [
    [logs[0] ?? "", (path: string) => writeFile(path, gzipSync('{"Records":[]}')), "altered"],
    [logs[1] ?? "", (path: string) => rm(path), "missing"],
    [last, (path: string) => rm(path), "missing"],
    [digests[0] ?? "", (path: string) => writeFile(path, gzipSync("{}")), "altered"],
    [last.replace(/\d{6}Z/, "000000Z"), (path: string) => writeFile(path, gzipSync("{}")), "foreign"],
    [(await filesIn("CloudTrail")).at(-1) ?? "", (path: string) => rm(path), "missing"],
  ] as const) {
    const path = join(bucket, file);
    const before = await readFile(path).catch(() => undefined);
    await change(path);
    const problems = (await cloud.verified())[0]?.findings.map((finding) => finding.problem);
    assert.ok(problems?.includes(problem), `${file}: ${problems?.join()}`);
    if (before === undefined) await rm(path);
    else await writeFile(path, before);
  }
  assert.deepEqual((await cloud.verified())[0]?.findings, []);

  await client.send(new DeleteTrailCommand({ Name }));
  assert.deepEqual((await client.send(new DescribeTrailsCommand({}))).trailList, []);
  assert.deepEqual(cloud.reports, []);
});

test("a trail delivers what its selectors say; what Kiln does not have is refused", async (context) => {
  const { client, create, lambda, trails, bucket, filesIn } = await startCloudTrail(context);
  const Name = "reads";
  await client.send(new CreateTrailCommand({ Name, S3BucketName: "records", S3KeyPrefix: "a/b" }));
  await client.send(new PutEventSelectorsCommand({ TrailName: Name, EventSelectors: [{ ReadWriteType: "ReadOnly" }] }));
  await client.send(new StartLoggingCommand({ Name }));
  await create("f");
  await lambda.send(new ListFunctionsCommand({}));
  await client.send(new GetEventSelectorsCommand({ TrailName: Name }));
  // Reads are not waited for; this one is, and they come before it.
  await create("g");
  await trails.deliverNow();
  const [file = "", ...more] = await filesIn("CloudTrail");
  assert.match(file, /^a\/b\/AWSLogs\//);
  assert.equal(more.length, 0);
  const { Records } = JSON.parse(gunzipSync(await readFile(join(bucket, file))).toString()) as {
    Records: { eventName: string; readOnly: boolean }[];
  };
  assert.ok(Records.length >= 2 && Records.every(({ readOnly }) => readOnly));

  for (const [command, error] of [
    [new CreateTrailCommand({ Name, S3BucketName: "records" }), "TrailAlreadyExistsException"],
    [new CreateTrailCommand({ Name: "x", S3BucketName: "records" }), "InvalidTrailNameException"],
    [new CreateTrailCommand({ Name: "abc", S3BucketName: "../etc" }), "InvalidS3BucketNameException"],
    [new CreateTrailCommand({ Name: "abc", S3BucketName: "abc", S3KeyPrefix: "a/../.." }), "InvalidS3PrefixException"],
  ] as const) {
    await assert.rejects(client.send(command), { name: error });
  }
  await assert.rejects(client.send(new StartLoggingCommand({ Name: "none" })), { name: "TrailNotFoundException" });
  const DataResources = [{ Type: "AWS::Lambda::Function", Values: ["arn:aws:lambda"] }];
  await assert.rejects(
    client.send(new PutEventSelectorsCommand({ TrailName: Name, EventSelectors: [{ DataResources }] })),
    { name: "InvalidEventSelectorsException" },
  );
});

test("clients that write the whole name of the model are understood", async (context) => {
  const { server } = await startCloudTrail(context);
  const answer = await fetch(server.url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails",
    },
    body: "{}",
  });
  assert.deepEqual([answer.status, await answer.json()], [200, { trailList: [] }]);
});
