/**
 * What users' functions are made of: Powertools for AWS Lambda (TypeScript) and Middy, from npm, in real jails. Logs,
 * metrics as embedded metric format, trace ids, and the order and errors of middlewares.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { call, deploy, updated } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";
import { packageFiles } from "../support/packages.ts";

const powertools = ["logger", "metrics", "tracer"].map((name) => `@aws-lambda-powertools/${name}`);

const modules = `
import middy from "@middy/core";
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import { Tracer } from "@aws-lambda-powertools/tracer";
import { captureLambdaHandler } from "@aws-lambda-powertools/tracer/middleware";

const logger = new Logger({ serviceName: "orders", persistentLogAttributes: { team: "t" } });
const metrics = new Metrics({ namespace: "shop", serviceName: "orders" });
const tracer = new Tracer({ serviceName: "orders" });
const order = [];
const trail = {
  before: () => { order.push("before"); },
  after: (request) => { order.push("after"); request.response.order = order.splice(0); },
  onError: (request) => {
    order.push("error");
    if (request.event.rescue) request.response = { rescued: request.error.name, order: order.splice(0) };
    order.length = 0;
  },
};
const early = { before: (request) => request.event.early && { early: true } };

export const handler = middy()
  .use(injectLambdaContext(logger, { clearState: true }))
  .use(logMetrics(metrics, { captureColdStartMetric: true }))
  .use(captureLambdaHandler(tracer))
  .use(trail)
  .use(early)
  .handler(async (event, context) => {
    order.push("handler");
    logger.setCorrelationId(event.correlation);
    logger.appendKeys({ order: event.id });
    logger.debug("not at this level");
    logger.info("placed", { items: [1, "two\\nlines"] });
    if (event.fail) {
      logger.error("refused", new RangeError("too many"));
      throw new RangeError("too many");
    }
    metrics.addDimension("shop", "north");
    metrics.addMetric("placed", MetricUnit.Count, event.count);
    return { trace: tracer.getRootXrayTraceId(), traced: tracer.isTracingEnabled(), left: context.getRemainingTimeInMillis() > 0 };
  });
`;

/** The older way, without middlewares and in CommonJS. */
const common = `
const { Logger } = require("@aws-lambda-powertools/logger");
const { Metrics, MetricUnit } = require("@aws-lambda-powertools/metrics");
const logger = new Logger({ serviceName: "old" });
const metrics = new Metrics({ namespace: "shop", serviceName: "old", defaultDimensions: { stage: "test" } });
exports.handler = async (event, context) => {
  logger.addContext(context);
  logger.warn("called");
  metrics.singleMetric().addMetric("calls", MetricUnit.Count, 1);
  return "done";
};`;

interface Line {
  [name: string]: unknown;
  _aws?: { CloudWatchMetrics: unknown };
}

function jsonLines(log: string): Line[] {
  return log
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
}

for (const Runtime of ["nodejs24.x", "nodejs20.x"] as const) {
  test(`${Runtime}: Powertools and Middy`, async (context) => {
    const kiln = await startTestKiln(context);
    const client = kiln.client();
    const files = { "index.mjs": modules, ...packageFiles([...powertools, "@middy/core"]) };
    await deploy(client, "shop", files, { Runtime, MemorySize: 512, Timeout: 10 });

    const first = await call(client, "shop", { id: 1, correlation: "c-1", count: 2 });
    assert.equal(first.error, undefined, first.log);
    const { trace, ...rest } = first.payload as Record<string, unknown>;
    assert.deepEqual(rest, { traced: true, left: true, order: ["before", "handler", "after"] });
    assert.match(String(trace), /^1-[\da-f]{8}-[\da-f]{24}$/);
    const requestId = /START RequestId: ([-0-9a-f]{36})/.exec(first.log)?.[1];

    const lines = jsonLines(first.log);
    const placed = lines.find(({ message }) => message === "placed");
    const emf = lines.filter(({ _aws }) => _aws !== undefined);
    assert.equal(typeof placed?.["timestamp"], "string");
    assert.deepEqual(
      { ...placed, timestamp: "" },
      {
        level: "INFO",
        message: "placed",
        timestamp: "",
        service: "orders",
        team: "t",
        cold_start: true,
        function_arn: "arn:aws:lambda:us-east-1:000000000000:function:shop",
        function_memory_size: "512",
        function_name: "shop",
        function_request_id: requestId,
        correlation_id: "c-1",
        xray_trace_id: trace,
        sampling_rate: placed?.["sampling_rate"],
        order: 1,
        items: [1, "two\nlines"],
      },
    );
    const coldStart = emf.find((line) => "ColdStart" in line);
    assert.deepEqual([coldStart?.["ColdStart"], coldStart?.["function_name"]], [1, "shop"]);
    const metric = emf.find((line) => "placed" in line);
    assert.deepEqual([metric?.["placed"], metric?.["shop"], metric?.["service"]], [2, "north", "orders"]);
    assert.deepEqual(metric?._aws?.CloudWatchMetrics, [
      { Namespace: "shop", Dimensions: [["service", "shop"]], Metrics: [{ Name: "placed", Unit: "Count" }] },
    ]);

    const failed = await call(client, "shop", { id: 2, correlation: "c-2", fail: true });
    assert.equal(failed.error, "Unhandled");
    const { errorType, errorMessage } = failed.payload as Record<string, unknown>;
    assert.deepEqual([errorType, errorMessage], ["RangeError", "too many"]);
    const logged = jsonLines(failed.log).find(({ message }) => message === "refused");
    assert.deepEqual([logged?.["correlation_id"], logged?.["cold_start"]], ["c-2", false]);
    assert.match(JSON.stringify(logged?.["error"]), /"name":"RangeError".*"message":"too many"/);

    const rescued = await call(client, "shop", { id: 3, fail: true, rescue: true });
    assert.deepEqual(rescued.payload, { rescued: "RangeError", order: ["before", "handler", "error"] });
    // State was cleared: nothing of the call before.
    assert.equal(jsonLines(rescued.log)[0]?.["correlation_id"], undefined);
    assert.deepEqual((await call(client, "shop", { early: true })).payload, { early: true });

    // Lambda's own level bounds Powertools' as well.
    const LoggingConfig = { LogFormat: "JSON", ApplicationLogLevel: "ERROR" } as const;
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "shop", LoggingConfig }));
    await updated(client, "shop");
    const quiet = await call(client, "shop", { id: 4, count: 1, fail: true });
    const own = jsonLines(quiet.log).filter(({ service, _aws }) => service === "orders" && _aws === undefined);
    const levels = own.map(({ level }) => level);
    assert.deepEqual(levels, ["ERROR"]);

    const old = { "index.js": common, ...packageFiles(powertools) };
    await deploy(client, "old", old, { Runtime, MemorySize: 512 });
    const { payload, log } = await call(client, "old");
    assert.equal(payload, "done", log);
    const [called, calls] = jsonLines(log);
    assert.deepEqual([called?.["level"], called?.["service"], called?.["function_name"]], ["WARN", "old", "old"]);
    assert.deepEqual([calls?.["calls"], calls?.["stage"]], [1, "test"]);
  });
}
