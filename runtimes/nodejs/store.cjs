"use strict";
/**
 * What is known of the call in hand, where libraries look for it: since nodejs24.x in `awslambda.InvokeStore`, which is
 * the store of the npm package @aws/lambda-invoke-store; before, under two global symbols.
 */
const { modern } = require("./generation.cjs");

const REQUEST_ID = Symbol.for("_AWS_LAMBDA_REQUEST_ID");
const TRACE_ID = Symbol.for("_AWS_LAMBDA_X_RAY_TRACE_ID");
const TENANT_ID = Symbol.for("_AWS_LAMBDA_TENANT_ID");
const TRACE_PARENT = Symbol.for("_AWS_LAMBDA_TRACEPARENT");
const TRACE_STATE = Symbol.for("_AWS_LAMBDA_TRACESTATE");
const BAGGAGE = Symbol.for("_AWS_LAMBDA_BAGGAGE");
const PROTECTED = new Set([REQUEST_ID, TRACE_ID, TENANT_ID, TRACE_PARENT, TRACE_STATE, BAGGAGE]);

const LEGACY_REQUEST_ID = Symbol.for("aws.lambda.runtime.requestId");
const LEGACY_TENANT_ID = Symbol.for("aws.lambda.runtime.tenantId");

/** An environment has one call at a time, so one context at a time is enough. */
class InvokeStore {
  #context;

  getContext() {
    return this.#context;
  }

  hasContext() {
    return this.#context !== undefined;
  }

  get(key) {
    return this.#context?.[key];
  }

  set(key, value) {
    if (PROTECTED.has(key)) {
      throw new Error(`Cannot modify protected Lambda context field: ${String(key)}`);
    }
    this.#context ??= {};
    this.#context[key] = value;
  }

  run(context, work) {
    this.#context = context;
    return work();
  }

  isProtectedKey(key) {
    return PROTECTED.has(key);
  }

  getRequestId() {
    return this.get(REQUEST_ID) ?? "-";
  }

  getXRayTraceId() {
    return this.get(TRACE_ID);
  }

  getTenantId() {
    return this.get(TENANT_ID);
  }

  getTraceparent() {
    return this.get(TRACE_PARENT);
  }

  getTracestate() {
    return this.get(TRACE_STATE);
  }

  getBaggage() {
    return this.get(BAGGAGE);
  }
}

const invokeStore = modern ? new InvokeStore() : undefined;

/** @param headers of the answer to `next` */
function beginCall(headers) {
  const request = headers["lambda-runtime-aws-request-id"];
  const tenant = headers["lambda-runtime-aws-tenant-id"];
  const trace = headers["lambda-runtime-trace-id"];
  // The X-Ray SDK and OpenTelemetry read the trace from the environment.
  if (trace === undefined) {
    delete process.env._X_AMZN_TRACE_ID;
  } else {
    process.env._X_AMZN_TRACE_ID = trace;
  }
  if (modern) {
    invokeStore.run({ [REQUEST_ID]: request, [TRACE_ID]: trace, [TENANT_ID]: tenant }, () => {});
  } else {
    globalThis[LEGACY_REQUEST_ID] = request;
    globalThis[LEGACY_TENANT_ID] = tenant;
  }
}

function requestId() {
  return modern ? invokeStore.getRequestId() : globalThis[LEGACY_REQUEST_ID];
}

function tenantId() {
  return modern ? invokeStore.getTenantId() : globalThis[LEGACY_TENANT_ID];
}

module.exports = { beginCall, invokeStore, requestId, tenantId };
