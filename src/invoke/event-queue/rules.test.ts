import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { KilnError, ServiceError } from "../../base/errors.ts";
import type { EventSettings, InvokeAnswer } from "../contract.ts";
import { decodeEvent, encodeEvent, type QueuedEvent } from "./event.ts";
import { deliveriesOf } from "./record.ts";
import { postponement, verdictBefore, verdictOn, verdictOnError, type Attempt } from "./verdict.ts";
import { createWindow } from "../../base/window.ts";

const settings: EventSettings = {
  functionArn: "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
  maximumRetryAttempts: 2,
  maximumEventAgeSeconds: 600,
  switchedOff: false,
};
const event: QueuedEvent = {
  scope: { account: "123456789012", region: "us-east-1" },
  functionName: "f",
  requestId: "r",
  acceptedAt: 0,
  failures: 3,
  payload: Buffer.from('{"a": 1}'),
};
const answer: InvokeAnswer = {
  payload: Buffer.from('"fine"'),
  status: "success",
  durationMs: 1,
  billedMs: 1,
  maxMemoryMB: 30,
  executedVersion: "$LATEST",
};
const failed: InvokeAnswer = {
  ...answer,
  functionError: "Unhandled",
  payload: Buffer.from('{"errorMessage":"no","errorType":"Error"}'),
};
const attempt = (changes: Partial<Attempt> = {}): Attempt => ({
  settings,
  ageMs: 0,
  failures: 1,
  postponed: 0,
  ...changes,
});

describe("what becomes of an event", () => {
  it("is over after a success, and after the last retry", () => {
    assert.deepEqual(verdictOn(answer, attempt({ failures: 0 }), 60_000), { kind: "end", condition: "Success" });
    assert.deepEqual(verdictOn(failed, attempt({ failures: 3 }), 60_000), {
      kind: "end",
      condition: "RetriesExhausted",
    });
    const none = { ...settings, maximumRetryAttempts: 0 };
    assert.equal(verdictOn(failed, attempt({ settings: none }), 60_000).kind, "end");
  });

  it("is retried after one minute, then after two", () => {
    assert.deepEqual(verdictOn(failed, attempt(), 60_000), { kind: "retry", delay: 60_000 });
    assert.deepEqual(verdictOn(failed, attempt({ failures: 2 }), 60_000), { kind: "retry", delay: 120_000 });
  });

  it("ends when it would be too old by the next call", () => {
    assert.deepEqual(verdictOn(failed, attempt({ ageMs: 541_000 }), 60_000), {
      kind: "end",
      condition: "EventAgeExceeded",
    });
    assert.deepEqual(verdictBefore({ settings, ageMs: 600_001 }), { kind: "end", condition: "EventAgeExceeded" });
    assert.equal(verdictBefore({ settings, ageMs: 600_000 }), undefined);
  });

  it("is not run where the function is switched off", () => {
    assert.deepEqual(verdictBefore({ settings: { ...settings, switchedOff: true }, ageMs: 0 }), {
      kind: "end",
      condition: "ZeroReservedConcurrency",
    });
  });

  it("waits after throttles and faults, from 1 s to 5 minutes", () => {
    const throttle = new ServiceError("TooManyRequestsException", "Rate Exceeded.", { status: 429 });
    assert.deepEqual(verdictOnError(throttle, attempt()), { kind: "later", throttled: true, delay: 1000 });
    assert.deepEqual(verdictOnError(new KilnError("X", "x"), attempt({ postponed: 3 })), {
      kind: "later",
      throttled: false,
      delay: 8000,
    });
    assert.deepEqual([0, 1, 8, 9, 1000].map(postponement), [1000, 2000, 256_000, 300_000, 300_000]);
    const gone = new ServiceError("ResourceNotFoundException", "no", { status: 404 });
    assert.deepEqual(verdictOnError(gone, attempt()), { kind: "gone" });
  });
});

describe("what destinations get", () => {
  const both = { ...settings, onSuccess: "arn:s", onFailure: "arn:f", deadLetter: "arn:d" };

  it("is the invocation record", () => {
    const [record, ...others] = deliveriesOf(event, both, { condition: "Success", invokeCount: 1, answer }, 5);
    assert.deepEqual(others, []);
    assert.equal(record?.target, "arn:s");
    assert.deepEqual(JSON.parse(record.body), {
      version: "1.0",
      timestamp: "1970-01-01T00:00:00.005Z",
      requestContext: {
        requestId: "r",
        functionArn: settings.functionArn,
        condition: "Success",
        approximateInvokeCount: 1,
      },
      requestPayload: { a: 1 },
      responseContext: { statusCode: 200, executedVersion: "$LATEST" },
      responsePayload: "fine",
    });
  });

  it("goes to the destination and to the dead-letter queue after a failure", () => {
    const ending = { condition: "RetriesExhausted", invokeCount: 3, answer: failed } as const;
    const [record, dead] = deliveriesOf(event, both, ending, 5);
    const { requestContext, responseContext } = JSON.parse(record?.body ?? "") as Record<string, unknown>;
    assert.deepEqual(requestContext, {
      requestId: "r",
      functionArn: settings.functionArn,
      condition: "RetriesExhausted",
      approximateInvokeCount: 3,
    });
    assert.deepEqual(responseContext, { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" });
    assert.equal(dead?.target, "arn:d");
    assert.equal(dead.body, '{"a": 1}');
    assert.deepEqual(dead.attributes, {
      RequestID: { type: "String", value: "r" },
      ErrorCode: { type: "Number", value: "200" },
      ErrorMessage: { type: "String", value: "no" },
    });
  });

  it("is nothing where nothing is wanted", () => {
    assert.deepEqual(deliveriesOf(event, settings, { condition: "Success", invokeCount: 1, answer }, 5), []);
  });

  it("survives answers that are no JSON", () => {
    const odd = { ...failed, payload: Buffer.from('a "b"\n') };
    const [record, dead] = deliveriesOf(event, both, { condition: "RetriesExhausted", invokeCount: 1, answer: odd }, 5);
    assert.equal((JSON.parse(record?.body ?? "") as { responsePayload: unknown }).responsePayload, 'a "b"\n');
    assert.equal(dead?.attributes?.["ErrorMessage"]?.value, 'a "b"\n');
  });
});

describe("an event in the queue", () => {
  it("is what it was", () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.string(),
        fc.option(fc.string(), { nil: undefined }),
        (payload, id, qualifier) => {
          const one = { ...event, requestId: id, payload, ...(qualifier === undefined ? {} : { qualifier }) };
          const { payload: bytes, ...about } = decodeEvent(encodeEvent(one));
          const { payload: _, ...expected } = one;
          assert.deepEqual(about, expected);
          assert.deepEqual(Uint8Array.from(bytes), payload);
        },
      ),
    );
  });

  it("is refused when it is cut, foreign or broken", () => {
    const whole = Buffer.from(encodeEvent(event));
    const foreign = Buffer.concat([Buffer.from([9]), whole.subarray(1)]);
    const broken = Buffer.from(whole);
    broken[5] = 0;
    for (const body of [Buffer.alloc(0), whole.subarray(0, 4), whole.subarray(0, 20), foreign, broken]) {
      assert.throws(() => decodeEvent(body), { code: "EVENT_UNREADABLE" });
    }
  });
});

describe("the window of a function's calls", () => {
  it("does not grow for short calls, and grows by ten a second for long ones", () => {
    const short = createWindow();
    const floor = short.size;
    for (let each = 0; each < 1000; each += 1) short.succeeded(2, each * 100);
    assert.equal(short.size, floor);
    const long = createWindow();
    for (let each = 0; each < 1000; each += 1) long.succeeded(5000, 0);
    assert.equal(long.size, floor + 10);
    for (let each = 1; each <= 50; each += 1) long.succeeded(5000, each * 100);
    assert.equal(long.size, floor + 60);
    for (let each = 1; each <= 200; each += 1) long.succeeded(5000, 10_000 + each * 5000);
    assert.equal(long.size, 1000);
  });

  it("shrinks to what was running at a throttle", () => {
    const window = createWindow();
    for (let each = 0; each < 10; each += 1) window.succeeded(5000, each * 1000);
    window.throttled(10);
    assert.equal(window.size, 10);
    window.throttled(0);
    assert.equal(window.size, 1);
  });
});
