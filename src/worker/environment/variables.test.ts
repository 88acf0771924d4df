import assert from "node:assert/strict";
import { test } from "node:test";
import { testAssignment, testImage } from "../testing/fixtures.ts";
import { environmentVariables, needsProcessStart, prebootVariables } from "./variables.ts";

test("a function changes what AWS lets it change, and nothing that is reserved", () => {
  const assignment = testAssignment({
    environment: {
      MINE: "1",
      PATH: "/mine",
      TZ: "Europe/Berlin",
      _HANDLER: "evil.handler",
      AWS_REGION: "mars",
      AWS_EXECUTION_ENV: "none",
      AWS_LAMBDA_RUNTIME_API: "elsewhere:1",
      LAMBDA_TASK_ROOT: "/",
      AWS_SESSION_TOKEN: "stolen",
    },
    logging: { group: "/aws/lambda/hello", format: "JSON", applicationLevel: "WARN" },
  });
  const variables = environmentVariables(assignment, testImage, "stream");
  assert.deepEqual(variables, {
    MINE: "1",
    PATH: "/mine",
    TZ: "Europe/Berlin",
    LANG: "en_US.UTF-8",
    LD_LIBRARY_PATH: "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
    AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
    AWS_XRAY_DAEMON_ADDRESS: "169.254.79.129:2000",
    AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    LAMBDA_TASK_ROOT: "/var/task",
    LAMBDA_RUNTIME_DIR: "/var/runtime",
    _HANDLER: "index.handler",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: "hello",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/hello",
    AWS_LAMBDA_LOG_STREAM_NAME: "stream",
    AWS_LAMBDA_LOG_FORMAT: "JSON",
    AWS_LAMBDA_LOG_LEVEL: "WARN",
    AWS_ACCESS_KEY_ID: "AKID",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "token",
  });
});

test("a pre-booted jail knows nothing of any function", () => {
  const names = Object.keys(prebootVariables(testImage));
  assert.ok(names.includes("KILN_PREBOOT"));
  assert.deepEqual(
    names.filter((name) => /FUNCTION|KEY|TOKEN|HANDLER|REGION/.test(name)),
    [],
  );
});

test("variables that only a starting process reads", () => {
  for (const name of ["NODE_OPTIONS", "LD_PRELOAD", "TZ", "PATH", "AWS_LAMBDA_EXEC_WRAPPER", "PYTHONPATH", "LC_ALL"]) {
    assert.equal(needsProcessStart({ A: "", [name]: "" }), true, name);
  }
  assert.equal(needsProcessStart({ TABLE: "", MY_NODE: "", POWERTOOLS_SERVICE_NAME: "" }), false);
});
