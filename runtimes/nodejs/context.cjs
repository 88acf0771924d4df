"use strict";
/** The handler's second argument. */
const { PlatformError } = require("./errors.cjs");
const { modern } = require("./generation.cjs");

/** Members that come from the answer to `next` and from the environment, in AWS's order. */
function contextOf(headers) {
  const deadline = Number.parseInt(headers["lambda-runtime-deadline-ms"], 10);
  const { env } = process;
  return {
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed(headers, "lambda-runtime-client-context", "ClientContext"),
    identity: parsed(headers, "lambda-runtime-cognito-identity", "CognitoIdentity"),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    tenantId: headers["lambda-runtime-aws-tenant-id"],
    ...(modern ? { xRayTraceId: headers["lambda-runtime-trace-id"] } : {}),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function parsed(headers, header, name) {
  // Header bytes arrive as Latin-1; the JSON in them is UTF-8.
  const text = headers[header];
  if (text === undefined || text === "") {
    return undefined;
  }
  try {
    return JSON.parse(Buffer.from(text, "latin1").toString());
  } catch (error) {
    throw new PlatformError(`Cannot parse ${name} as json: ${String(error)}`);
  }
}

module.exports = { contextOf };
