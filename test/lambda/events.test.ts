/** Asynchronous calls through the API: accepted, run, retried, delivered. The data plane is the test's. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "node:test";
import {
  DeleteFunctionCommand,
  InvokeAsyncCommand,
  InvokeCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { ServiceError } from "../../src/base/errors.ts";
import { startApi, type TestApi } from "./api.ts";
import { arn, scope } from "./support.ts";

const queue = `event/${scope.account}/${scope.region}/f`;
const accepted = { Payload: Buffer.from('{"n":1}'), InvocationType: "Event" } as const;

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let each = 0; each < 1000; each += 1) {
    if (await what()) return;
    await sleep(10);
  }
  assert.fail(`It did not come to pass: ${what.toString()}`);
}

/** Nothing of the event is left. */
const settled = ({ store }: TestApi) =>
  until(async () => {
    const { ready, delayed, inFlight } = await store.queue.counts(queue);
    return ready + delayed + inFlight === 0;
  });

describe("asynchronous calls", () => {
  it("are answered at once and run afterwards, under the same request id", async (t) => {
    const api = await startApi(t);
    await api.deploy("f");
    const answer = await api.client.send(new InvokeCommand({ FunctionName: "f", ...accepted }));
    assert.equal(answer.StatusCode, 202);
    assert.equal(answer.Payload?.length ?? 0, 0);
    assert.equal(answer.ExecutedVersion, undefined);
    await until(() => api.calls.length === 1);
    assert.equal(api.calls[0]?.requestId, answer.$metadata.requestId);
    assert.equal(Buffer.from(api.calls[0]?.payload ?? []).toString(), '{"n":1}');
    await settled(api);
    assert.deepEqual(api.deliveries, []);
  });

  it("can be made the older way", async (t) => {
    const api = await startApi(t);
    await api.deploy("f");
    const answer = await api.client.send(new InvokeAsyncCommand({ FunctionName: "f", InvokeArgs: '{"n":2}' }));
    assert.equal(answer.Status, 202);
    assert.equal(answer.$metadata.httpStatusCode, 202);
    await until(() => api.calls.length === 1);
    assert.equal(Buffer.from(api.calls[0]?.payload ?? []).toString(), '{"n":2}');
  });

  it("are refused like others before they are accepted", async (t) => {
    const { client, deploy } = await startApi(t);
    await deploy("f");
    const send = (FunctionName: string, Payload: string) =>
      client.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: Buffer.from(Payload) }));
    await assert.rejects(send("g", "{}"), { name: "ResourceNotFoundException" });
    await assert.rejects(send("f:nowhere", "{}"), { name: "ResourceNotFoundException" });
    await assert.rejects(send("f", "{"), { name: "InvalidRequestContentException" });
    const tooLong = JSON.stringify("x".repeat(1024 * 1024));
    await assert.rejects(send("f", tooLong), {
      name: "RequestEntityTooLargeException",
      message: `${tooLong.length} byte payload is too large for the Event invocation type (limit 1048576 bytes)`,
    });
  });

  it("are tried twice more after errors of the function; then the record says why", async (t) => {
    const api = await startApi(t);
    await api.deploy("f");
    const target = "arn:aws:sqs:us-east-1:123456789012:dead";
    await api.client.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: "f",
        DestinationConfig: { OnFailure: { Destination: target } },
      }),
    );
    await api.client.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: "f", DeadLetterConfig: { TargetArn: target } }),
    );
    await api.functions.settled();
    api.answerWith({ functionError: "Unhandled", payload: Buffer.from('{"errorMessage":"no"}') });
    await api.client.send(new InvokeCommand({ FunctionName: "f", ...accepted }));
    await until(() => api.deliveries.length === 2);
    assert.equal(api.calls.length, 3);
    assert.equal(new Set(api.calls.map(({ requestId }) => requestId)).size, 1);
    const [record, dead] = api.deliveries;
    assert.ok(record !== undefined && dead !== undefined);
    const { requestContext, requestPayload } = JSON.parse(record.body) as Record<string, unknown>;
    assert.deepEqual(requestContext, {
      requestId: api.calls[0]?.requestId,
      functionArn: `${arn("f")}:$LATEST`,
      condition: "RetriesExhausted",
      approximateInvokeCount: 3,
    });
    assert.deepEqual(requestPayload, { n: 1 });
    assert.equal(dead.body, '{"n":1}');
    assert.equal(dead.attributes?.["ErrorMessage"]?.value, "no");
    await settled(api);
  });

  it("follow the settings of the qualifier that they name", async (t) => {
    const api = await startApi(t);
    await api.deploy("f", { Publish: true });
    const Destination = "arn:aws:sqs:us-east-1:123456789012:done";
    await api.client.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: "f",
        Qualifier: "1",
        MaximumRetryAttempts: 0,
        DestinationConfig: { OnSuccess: { Destination } },
      }),
    );
    await api.client.send(new InvokeCommand({ FunctionName: "f", ...accepted }));
    await api.client.send(new InvokeCommand({ FunctionName: "f", Qualifier: "1", ...accepted }));
    await until(() => api.deliveries.length === 1);
    await settled(api);
    assert.equal(api.deliveries.length, 1);
    assert.equal(api.deliveries[0]?.source, `${arn("f")}:1`);
    api.answerWith({ functionError: "Unhandled" });
    const before = api.calls.length;
    await api.client.send(new InvokeCommand({ FunctionName: "f", Qualifier: "1", ...accepted }));
    await settled(api);
    assert.equal(api.calls.length, before + 1);
  });

  it("wait while the function is throttled, and run when it is not any more", async (t) => {
    const api = await startApi(t);
    await api.deploy("f");
    api.failWith(new ServiceError("TooManyRequestsException", "Rate Exceeded.", { status: 429 }));
    await api.client.send(new InvokeCommand({ FunctionName: "f", ...accepted }));
    await until(() => api.calls.length === 1);
    api.failWith(undefined);
    await until(() => api.calls.length === 2);
    await settled(api);
  });

  it("end at once where the function is switched off, and when it is deleted", async (t) => {
    const api = await startApi(t);
    await api.deploy("f");
    const Destination = "arn:aws:sqs:us-east-1:123456789012:dead";
    await api.client.send(
      new PutFunctionEventInvokeConfigCommand({ FunctionName: "f", DestinationConfig: { OnFailure: { Destination } } }),
    );
    await api.client.send(new PutFunctionConcurrencyCommand({ FunctionName: "f", ReservedConcurrentExecutions: 0 }));
    await api.client.send(new InvokeCommand({ FunctionName: "f", ...accepted }));
    await until(() => api.deliveries.length === 1);
    assert.deepEqual(api.calls, []);
    assert.match(api.deliveries[0]?.body ?? "", /"condition":"ZeroReservedConcurrency","approximateInvokeCount":0/);

    await api.client.send(new PutFunctionConcurrencyCommand({ FunctionName: "f", ReservedConcurrentExecutions: 1 }));
    api.answerWith({ functionError: "Unhandled" });
    await api.client.send(new InvokeCommand({ FunctionName: "f", ...accepted }));
    await until(() => api.calls.length === 1);
    await api.client.send(new DeleteFunctionCommand({ FunctionName: "f" }));
    await settled(api);
    assert.equal(api.deliveries.length, 1);
    assert.ok(api.reports.some((each) => String(each).includes("does not exist any more")));
  });
});
