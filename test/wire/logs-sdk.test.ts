/** The unmodified CloudWatch Logs client: another protocol on the same port. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import { ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ServiceError } from "../../src/base/errors.ts";
import { startServer, type Input } from "./server.ts";

test("input, output, empty output and errors", async () => {
  let seen: Input = {};
  await using server = await startServer({
    lambda: { ListFunctions: () => ({ Functions: [] }) },
    logs: {
      CreateLogGroup: (input) => void (seen = input),
      GetLogEvents: () => ({ events: [{ timestamp: 1, message: "hällo", ingestionTime: 2 }], nextForwardToken: "f/1" }),
      DescribeLogStreams: () => {
        throw new ServiceError("ResourceNotFoundException", "The specified log group does not exist.");
      },
    },
  });
  const client = server.logs();
  await client.send(new logs.CreateLogGroupCommand({ logGroupName: "/aws/lambda/x", tags: { a: "b" } }));
  assert.deepEqual(seen, { logGroupName: "/aws/lambda/x", tags: { a: "b" } });
  const events = await client.send(new logs.GetLogEventsCommand({ logGroupName: "g", logStreamName: "s" }));
  assert.deepEqual(events.events, [{ timestamp: 1, message: "hällo", ingestionTime: 2 }]);
  await assert.rejects(client.send(new logs.DescribeLogStreamsCommand({ logGroupName: "g" })), (error) => {
    assert.ok(error instanceof logs.ResourceNotFoundException);
    assert.equal(error.message, "The specified log group does not exist.");
    assert.equal(error.$metadata.httpStatusCode, 400);
    return true;
  });
  await assert.rejects(
    client.send(new logs.GetLogEventsCommand({ logGroupName: "g", logStreamName: "s", limit: 10_001 })),
    {
      name: "InvalidParameterException",
      message:
        "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
    },
  );
  await assert.rejects(client.send(new logs.ListTagsLogGroupCommand({ logGroupName: "g" })), {
    name: "NotImplementedException",
  });
  assert.deepEqual((await server.lambda().send(new ListFunctionsCommand({}))).Functions, []);
});

test("an event stream begins with the initial response", async () => {
  await using server = await startServer({
    logs: {
      StartLiveTail: () => ({
        responseStream: (async function* () {
          yield { sessionStart: { requestId: "r", sessionId: "s" } };
          yield { sessionUpdate: { sessionResults: [{ message: "line" }] } };
        })(),
      }),
    },
  });
  const input = { logGroupIdentifiers: ["arn:aws:logs:eu-central-1:123456789012:log-group:g"] };
  const answer = await server.logs().send(new logs.StartLiveTailCommand(input));
  const lines: unknown[] = [];
  for await (const event of answer.responseStream ?? []) lines.push(event.sessionUpdate?.sessionResults?.[0]?.message);
  assert.deepEqual(lines, [undefined, "line"]);
});

test("JSON 1.0 is answered as such, and unknown operations as AWS does", async () => {
  await using server = await startServer({ logs: { DescribeLogGroups: () => ({ logGroups: [] }) } });
  const post = (target: string) =>
    fetch(server.url, {
      method: "POST",
      headers: { "x-amz-target": target, "content-type": "application/x-amz-json-1.0" },
      body: "{}",
    });
  const found = await post("Logs_20140328.DescribeLogGroups");
  assert.equal(found.headers.get("content-type"), "application/x-amz-json-1.0");
  assert.deepEqual(await found.json(), { logGroups: [] });
  const unknown = await post("Logs_20140328.Nothing");
  assert.equal(unknown.status, 400);
  assert.deepEqual(await unknown.json(), { __type: "UnknownOperationException" });
  assert.match(unknown.headers.get("x-amzn-requestid") ?? "", /^[0-9a-f-]{36}$/);
});
