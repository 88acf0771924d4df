/** Requests at function URLs are data events, where those are wanted, and tell nothing of what was sent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startUrl } from "../urls/support.ts";
import { auditPlace, recordsOf } from "./support.ts";

test("a request at a function URL is the data event InvokeFunctionUrl", async (context) => {
  const place = await auditPlace(context);
  const audit = await place.open({ dataEvents: true });
  const url = await startUrl(context, {}, { audit: audit.calls });
  const headers = { "user-agent": "curl/8", authorization: "Bearer open sesame" };
  const sent = { method: "POST", path: "/secret-path?q=secret-query", headers, body: "secret body" };
  assert.equal((await url.send(sent)).status, 200);
  assert.equal((await url.send({ method: "GET", host: url.host.replace(url.id, "z".repeat(32)) })).status, 403);
  await audit.close();

  const records = await recordsOf(audit);
  assert.equal(records.length, 1, "where there is no such URL, there is nobody to tell");
  const [record] = records;
  assert.deepEqual(
    { ...record, eventID: "", eventTime: "", requestID: "" },
    {
      eventVersion: "1.11",
      userIdentity: { type: "AWSAccount", principalId: "Anonymous", accountId: "anonymous" },
      eventTime: "",
      eventSource: "lambda.amazonaws.com",
      eventName: "InvokeFunctionUrl",
      awsRegion: "us-east-1",
      sourceIPAddress: "127.0.0.1",
      userAgent: "curl/8",
      requestParameters: {
        functionName: "arn:aws:lambda:us-east-1:123456789012:function:f",
        httpMethod: "POST",
      },
      responseElements: null,
      requestID: "",
      eventID: "",
      readOnly: false,
      resources: [
        {
          accountId: "123456789012",
          type: "AWS::Lambda::Function",
          ARN: "arn:aws:lambda:us-east-1:123456789012:function:f",
        },
      ],
      eventType: "AwsApiCall",
      managementEvent: false,
      recipientAccountId: "123456789012",
      eventCategory: "Data",
    },
  );
  assert.doesNotMatch(JSON.stringify(records), /secret|sesame/);
});

test("refused requests are recorded as such, by nobody who is known; without data events nothing is", async (context) => {
  const place = await auditPlace(context);
  const audit = await place.open({ dataEvents: true });
  const closed = await startUrl(context, { AuthType: "AWS_IAM" }, { audit: audit.calls });
  assert.equal((await closed.send()).status, 403);
  await audit.close();
  const [refused, ...others] = await recordsOf(audit);
  assert.deepEqual([refused?.errorCode, refused?.userIdentity, others], ["AccessDenied", { type: "Unknown" }, []]);

  const quiet = await place.open();
  const open = await startUrl(context, {}, { audit: quiet.calls });
  assert.equal((await open.send()).status, 200);
  await quiet.close();
  assert.equal((await recordsOf(quiet)).length, 1);
});
