/** The CloudWatch Logs API over the real wire, with the unmodified SDK. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  paginateFilterLogEvents,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { createFunctionLogs, type FunctionLogs } from "../../src/observability/logs/index.ts";
import { logsService } from "../../src/services/logs/index.ts";
import { constraintTables } from "../../src/wire/index.ts";
import { scope, startWire } from "./wire-server.ts";

const group = "/aws/lambda/hello";

interface Setting {
  logs: FunctionLogs;
  client: CloudWatchLogsClient;
  write: (stream: string, timestamp: number, message: string) => void;
}

async function start(t: TestContext): Promise<Setting> {
  const dir = mkdtempSync(join(tmpdir(), "kiln-logs-api-"));
  const logs = createFunctionLogs({ dir, segmentBytes: 64 * 1024 });
  const url = await startWire(t, [logsService({ logs, constraints: constraintTables["logs"] })]);
  const client = new CloudWatchLogsClient({
    endpoint: url,
    region: scope.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  t.after(async () => {
    client.destroy();
    await logs.close();
    rmSync(dir, { recursive: true });
  });
  const write = (stream: string, timestamp: number, message: string): void =>
    logs.open({ ...scope, group, stream }).write(timestamp, message);
  return { logs, client, write };
}

test("groups: names, ARNs, prefix, pattern, pages", async (t) => {
  const { logs, client } = await start(t);
  for (const name of ["/aws/lambda/a", "/aws/lambda/b", "other"]) {
    logs.open({ ...scope, group: name, stream: "s" }).write(1, "x");
  }
  const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/aws/" }));
  assert.deepEqual(
    logGroups?.map(({ logGroupName, arn, logGroupArn }) => [logGroupName, arn, logGroupArn]),
    ["a", "b"].map((name) => [
      `/aws/lambda/${name}`,
      `arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/${name}:*`,
      `arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/${name}`,
    ]),
  );
  const byPattern = await client.send(new DescribeLogGroupsCommand({ logGroupNamePattern: "lambda/b" }));
  assert.equal(byPattern.logGroups?.length, 1);
  const first = await client.send(new DescribeLogGroupsCommand({ limit: 2 }));
  assert.equal(first.logGroups?.length, 2);
  const second = await client.send(new DescribeLogGroupsCommand({ limit: 2, nextToken: first.nextToken }));
  assert.deepEqual(
    second.logGroups?.map(({ logGroupName }) => logGroupName),
    ["other"],
  );
  assert.equal(second.nextToken, undefined);
  await assert.rejects(
    client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "a", logGroupNamePattern: "a" })),
    { name: "InvalidParameterException" },
  );
});

test("streams: by name and by time, descending, in pages", async (t) => {
  const { client, write } = await start(t);
  write("b", 100, "x");
  write("a", 300, "x");
  write("c", 200, "x");
  const names = async (options: object): Promise<(string | undefined)[]> => {
    const found: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await client.send(
        new DescribeLogStreamsCommand({ logGroupName: group, limit: 2, nextToken, ...options }),
      );
      found.push(...(page.logStreams ?? []).map(({ logStreamName }) => logStreamName));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found;
  };
  assert.deepEqual(await names({}), ["a", "b", "c"]);
  assert.deepEqual(await names({ descending: true }), ["c", "b", "a"]);
  assert.deepEqual(await names({ orderBy: "LastEventTime" }), ["b", "c", "a"]);
  assert.deepEqual(await names({ orderBy: "LastEventTime", descending: true }), ["a", "c", "b"]);
  assert.deepEqual(await names({ logStreamNamePrefix: "b" }), ["b"]);
  await assert.rejects(names({ orderBy: "LastEventTime", logStreamNamePrefix: "b" }), {
    name: "InvalidParameterException",
    message: "Cannot order by LastEventTime with a logStreamNamePrefix.",
  });
});

test("GetLogEvents: the newest first page, both tokens, the ends", async (t) => {
  const { client, write } = await start(t);
  for (let index = 0; index < 10; index += 1) write("s", 1000 + index, `m${index}`);
  write("t", 1005, "other stream");
  const get = async (options: object): Promise<[string[], string | undefined, string | undefined]> => {
    const page = await client.send(new GetLogEventsCommand({ logGroupName: group, logStreamName: "s", ...options }));
    return [(page.events ?? []).map(({ message }) => message ?? ""), page.nextForwardToken, page.nextBackwardToken];
  };
  const [newest, forward, backward] = await get({ limit: 3 });
  assert.deepEqual(newest, ["m7", "m8", "m9"]);
  const [before, , backward2] = await get({ limit: 3, nextToken: backward });
  assert.deepEqual(before, ["m4", "m5", "m6"]);
  assert.deepEqual((await get({ limit: 10, nextToken: backward2 }))[0], ["m0", "m1", "m2", "m3"]);

  const [none, sameForward, turn] = await get({ nextToken: forward, startFromHead: true });
  assert.deepEqual(none, []);
  assert.equal(sameForward, forward);
  assert.deepEqual((await get({ limit: 1, nextToken: turn }))[0], ["m9"]);
  write("s", 2000, "later");
  assert.deepEqual((await get({ nextToken: forward, startFromHead: true }))[0], ["later"]);

  assert.deepEqual((await get({ startFromHead: true, limit: 2 }))[0], ["m0", "m1"]);
  assert.deepEqual((await get({ startTime: 1004, endTime: 1006 }))[0], ["m4", "m5"]);
  await assert.rejects(get({ nextToken: "nonsense" }), { name: "InvalidParameterException" });
});

test("FilterLogEvents: pattern, streams, time, limit, every page once in both directions", async (t) => {
  const { client, write } = await start(t);
  for (let index = 0; index < 500; index += 1) {
    write(`s${index % 2}`, 1000 + index, `${index % 10 === 0 ? "ERROR" : "INFO"} number ${index}`);
  }
  const filter = async (options: object): Promise<string[]> => {
    const found: string[] = [];
    const pages = paginateFilterLogEvents({ client, pageSize: 7 }, { logGroupName: group, ...options });
    for await (const page of pages) found.push(...(page.events ?? []).map(({ message }) => message ?? ""));
    return found;
  };
  const errors = Array.from({ length: 50 }, (_, index) => `ERROR number ${index * 10}`);
  assert.deepEqual(await filter({ filterPattern: "ERROR" }), errors);
  assert.deepEqual(await filter({ filterPattern: "ERROR", startFromHead: false }), errors.toReversed());
  assert.deepEqual(await filter({ filterPattern: '"number 49" -ERROR' }), [
    "INFO number 49",
    ...Array.from({ length: 9 }, (_, index) => `INFO number ${491 + index}`),
  ]);
  assert.equal((await filter({ logStreamNames: ["s1"] })).length, 250);
  assert.equal((await filter({ logStreamNamePrefix: "s0", filterPattern: "ERROR" })).length, 50);
  assert.deepEqual(await filter({ startTime: 1010, endTime: 1011 }), ["ERROR number 10", "INFO number 11"]);
  const [event] = (await client.send(new FilterLogEventsCommand({ logGroupName: group, limit: 1 }))).events ?? [];
  assert.equal(event?.logStreamName, "s0");
  assert.match(event?.eventId ?? "", /^\d{56}$/);
  await assert.rejects(filter({ filterPattern: '{ $.level = "x" }' }), {
    name: "InvalidParameterException",
    message: /JSON patterns .* not supported/,
  });
});

test("what does not exist: AWS's errors", async (t) => {
  const { client, write } = await start(t);
  write("s", 1, "x");
  const noGroup = { name: "ResourceNotFoundException", message: "The specified log group does not exist." };
  const noStream = { name: "ResourceNotFoundException", message: "The specified log stream does not exist." };
  for (const command of [
    new DescribeLogStreamsCommand({ logGroupName: "none" }),
    new GetLogEventsCommand({ logGroupName: "none", logStreamName: "s" }),
    new FilterLogEventsCommand({ logGroupName: "none" }),
    new FilterLogEventsCommand({ logGroupName: "none", logStreamNames: ["s"] }),
    new DeleteLogGroupCommand({ logGroupName: "none" }),
    new FilterLogEventsCommand({
      logGroupIdentifier: `arn:aws:logs:us-east-1:111111111111:log-group:${group}`,
    }),
  ]) {
    await assert.rejects(client.send(command as DeleteLogGroupCommand), noGroup);
  }
  await assert.rejects(client.send(new GetLogEventsCommand({ logGroupName: group, logStreamName: "none" })), noStream);
  await assert.rejects(
    client.send(new FilterLogEventsCommand({ logGroupName: group, logStreamNames: ["s", "none"] })),
    noStream,
  );
  await assert.rejects(client.send(new GetLogEventsCommand({ logGroupName: group, logStreamName: "s", limit: 0 })), {
    name: "InvalidParameterException",
    message: /1 validation error detected/,
  });
  await assert.rejects(
    client.send(new PutLogEventsCommand({ logGroupName: group, logStreamName: "s", logEvents: [] })),
    (thrown: Error & { $metadata?: { httpStatusCode?: number } }) => thrown.$metadata?.httpStatusCode === 501,
  );
});

test("a group can be named by its ARN, and deleted", async (t) => {
  const { client, write } = await start(t);
  write("s", 1, "x");
  const logGroupIdentifier = `arn:aws:logs:us-east-1:000000000000:log-group:${group}`;
  assert.equal((await client.send(new FilterLogEventsCommand({ logGroupIdentifier }))).events?.length, 1);
  await client.send(new DeleteLogGroupCommand({ logGroupName: group }));
  assert.deepEqual((await client.send(new DescribeLogGroupsCommand({}))).logGroups, []);
});
