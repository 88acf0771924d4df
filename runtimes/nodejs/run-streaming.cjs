"use strict";
/** Handlers wrapped in `awslambda.streamifyResponse`: `(event, responseStream, context)`. */
const { contextOf } = require("./context.cjs");
const { logError } = require("./log.cjs");
const { ResponseStream } = require("./stream.cjs");

function streamingRunner(handler, options) {
  return (call, body, headers) => {
    const stream = new ResponseStream(call, options);
    run(handler, call, stream, body, headers).catch((error) => fail(call, stream, error));
  };
}

async function run(handler, call, stream, body, headers) {
  call.onIdle = () => fail(call, stream, new Error("Response stream is not finished."));
  const context = Object.assign({ callbackWaitsForEmptyEventLoop: true }, contextOf(headers));
  const promise = handler(JSON.parse(body), stream, context);
  if (typeof promise?.then !== "function") {
    throw new TypeError("Streaming does not support non-async handlers.");
  }
  const result = await promise;
  if (result !== undefined) {
    console.warn("Streaming handlers ignore return values.");
  }
  await stream.answered;
  call.endStreamed();
}

/** Before the first byte an error is an ordinary one; after it, it goes into the trailers. */
function fail(call, stream, error) {
  if (call.ended) {
    return;
  }
  if (!stream.started) {
    stream.destroy();
    call.fail(error);
    return;
  }
  logError("Invoke Error", error);
  stream.abort(error).then(
    () => call.endStreamed(),
    () => call.endStreamed(),
  );
}

module.exports = { streamingRunner };
