"use strict";
/** The Node.js runtime: loads the function's handler and gives it one event after the other. */
const { receiveAssignment, warmUp } = require("./assignment.cjs");
const { Loop, postInitError } = require("./call.cjs");
const { Client } = require("./client.cjs");
const { PlatformError, UnhandledPromiseRejection } = require("./errors.cjs");
const { addGc, ensureHeap, tuneHeap } = require("./heap.cjs");
const { modern } = require("./generation.cjs");
const { loadHandler, streamifyResponse, streaming } = require("./loader.cjs");
const { logError, patchConsole } = require("./log.cjs");
const { addModulePaths } = require("./module-paths.cjs");
const { legacyRunner } = require("./run-legacy.cjs");
const { modernRunner } = require("./run-modern.cjs");
const { invokeStore } = require("./store.cjs");

const EXIT_REJECTION = 128;
const EXIT_EXCEPTION = 129;

async function main() {
  const client = await connectClient(required("AWS_LAMBDA_RUNTIME_API"));
  ensureHeap(() => client.close());
  patchConsole();
  const crash = catchErrors(client);
  try {
    client.rest();
    const root = required("LAMBDA_TASK_ROOT");
    process.chdir(root);
    addModulePaths(root);
    addGlobals();
    const handler = await loadHandler(root, required("_HANDLER"), modern);
    const run = runner(handler);
    const loop = new Loop(client, run, () => process.exit(1));
    crash.loop = loop;
    tuneHeap();
    loop.start();
  } catch (error) {
    await crash(modern ? "Init Error" : "Uncaught Exception", error, EXIT_EXCEPTION);
  }
}

async function connectClient(address) {
  if (process.env.KILN_PREBOOT !== "1") {
    return Client.open(address);
  }
  await warmUp();
  return receiveAssignment(address);
}

function runner(handler) {
  const stream = streaming(handler);
  if (stream !== undefined) {
    const { streamingRunner } = require("./run-streaming.cjs");
    return streamingRunner(handler, stream);
  }
  return modern ? modernRunner(handler) : legacyRunner(handler);
}

/** Errors that no handler catches end the process, and the call or the init phase that they belong to. */
function catchErrors(client) {
  let crashed = false;
  const crash = async (title, error, status) => {
    logError(title, error);
    if (crashed) {
      return;
    }
    crashed = true;
    try {
      await (crash.loop === undefined
        ? postInitError(client, error)
        : (crash.loop.current?.crash(error) ?? client.settled()));
    } finally {
      process.exit(status);
    }
  };
  crash.loop = undefined;
  process.on("uncaughtException", (error) => crash("Uncaught Exception", error, EXIT_EXCEPTION));
  process.on("unhandledRejection", (reason, promise) =>
    crash("Unhandled Promise Rejection", new UnhandledPromiseRejection(reason, promise), EXIT_REJECTION),
  );
  return crash;
}

/** `gc`, and `awslambda` for streaming handlers, which AWS's runtimes define. */
function addGlobals() {
  addGc();
  const opted = process.env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA;
  if (opted === "1" || opted === "true") {
    return;
  }
  globalThis.awslambda = {
    ...globalThis.awslambda,
    ...(modern ? { InvokeStore: invokeStore } : {}),
    streamifyResponse,
    get HttpResponseStream() {
      return require("./stream.cjs").HttpResponseStream;
    },
  };
}

function required(name) {
  const value = process.env[name];
  if (!value) {
    throw new PlatformError(`${name} environment variable is not set`);
  }
  return value;
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
