"use strict";
/** nodejs24.x and later: what the handler returns, or its promise, is the answer. There are no callbacks. */
const { contextOf } = require("./context.cjs");
const { CallbackHandlerDeprecated } = require("./errors.cjs");

function modernRunner(handler) {
  if (handler.length >= 3) {
    throw new CallbackHandlerDeprecated(
      "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.",
    );
  }
  return (call, body, headers) => {
    run(handler, call, body, headers).catch((error) => call.fail(error));
  };
}

async function run(handler, call, body, headers) {
  let end;
  try {
    const result = await handler(JSON.parse(body), contextOf(headers));
    end = () => call.succeed(result);
  } catch (error) {
    end = () => call.fail(error);
  }
  // A promise that the handler left behind rejected has its turn first: then that is the outcome of the call.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  end();
}

module.exports = { modernRunner };
