"use strict";
/**
 * nodejs22.x and earlier: the answer is the promise's value, or comes through the callback or `context.succeed`, `fail`
 * and `done`. The first of them counts. After the callback, and when a handler that is no async function returns
 * without an answer, AWS waits for the event loop to run dry.
 */
const { contextOf } = require("./context.cjs");

function legacyRunner(handler) {
  if (
    handler.length === 3 &&
    !isAsync(handler) &&
    process.env.AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING === undefined
  ) {
    console.warn(
      "AWS Lambda plans to remove support for callback-based function handlers starting with Node.js 24. You will need to update this function to use an async handler to use Node.js 24 or later. For more information and to provide feedback on this change, see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/137. To disable this warning, set the AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING environment variable.",
    );
  }
  return (call, body, headers) => run(handler, call, body, headers);
}

function run(handler, call, body, headers) {
  const { callback, members } = completions(call);
  if (!isAsync(handler)) {
    call.onIdle = () => call.succeed(null);
  }
  try {
    const context = Object.assign(members, contextOf(headers));
    const result = handler(JSON.parse(body), context, callback);
    if (typeof result?.then === "function") {
      result.then(members.succeed, members.fail).catch(members.fail);
    }
  } catch (error) {
    callback(error);
  }
}

function completions(call) {
  let waits = true;
  let finished = false;
  const once =
    (end) =>
    (...args) => {
      if (!finished) {
        end(...args);
        finished = true;
      }
    };
  const end = (error, result) => (missing(error) ? call.succeed(result) : call.fail(error));
  const callback = (error, result) => {
    if (missing(error) && waits) {
      call.onIdle = () => succeedOrFail(call, result);
    } else {
      end(error, result);
    }
  };
  const members = {
    get callbackWaitsForEmptyEventLoop() {
      return waits;
    },
    set callbackWaitsForEmptyEventLoop(value) {
      waits = value;
    },
    succeed: once((result) => end(null, result)),
    fail: once((error) => end(missing(error) ? "handled" : error)),
    done: once(end),
  };
  return { callback: once(callback), members };
}

/** Once the event loop is dry nobody is left to catch. */
function succeedOrFail(call, result) {
  try {
    call.succeed(result);
  } catch (error) {
    call.fail(error);
  }
}

function missing(error) {
  return error === undefined || error === null;
}

function isAsync(handler) {
  return handler.constructor?.name === "AsyncFunction";
}

module.exports = { legacyRunner };
