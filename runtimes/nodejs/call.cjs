"use strict";
/**
 * One invocation from event to answer, and the next one after it. How a handler is run and when its answer is final
 * depends on the runtime's age and on streaming: those are the files `run-*.cjs`.
 */
const { JSONStringifyError, NodeJsExit, toResponse } = require("./errors.cjs");
const { logError } = require("./log.cjs");
const { beginCall } = require("./store.cjs");

const API = "/2018-06-01/runtime";
const NEXT = `${API}/invocation/next`;
const JSON_TYPE = "content-type: application/json\r\n";
const ERROR_TYPE = "content-type: application/vnd.aws.lambda.error+json\r\n";

class Loop {
  #client;
  #run;
  #fatal;
  /** The call in hand; undefined between calls. */
  #current;

  /**
   * @param run `(call, body, context) => void`: runs the handler and ends the call by `succeed` or `fail`
   * @param fatal called when the Runtime API cannot be reached any more
   */
  constructor(client, run, fatal) {
    this.#client = client;
    this.#run = run;
    this.#fatal = fatal;
    process.on("beforeExit", () => this.#current?.onIdle());
  }

  start() {
    this.#wait(this.#client.get(NEXT));
  }

  /** The call that an error outside of any handler belongs to. */
  get current() {
    return this.#current;
  }

  #wait(next) {
    next.then((response) => this.#begin(response)).catch(this.#fatal);
  }

  #begin({ status, headers, body }) {
    if (status !== 200) {
      throw new Error(`The Runtime API answered ${status} to a request for the next event.`);
    }
    const call = new Call(this.#client, headers, (next) => {
      this.#current = undefined;
      this.#wait(next);
    });
    this.#current = call;
    // From here on only the handler's own work keeps the event loop alive; when it runs dry, `beforeExit` fires.
    this.#client.rest();
    beginCall(headers);
    this.#run(call, body, headers);
  }
}

class Call {
  #client;
  #then;
  #path;
  id;
  /** No further answer is possible. */
  ended = false;
  /** What to do when the event loop has run dry and the call has not ended. */
  onIdle = () => this.fail(new NodeJsExit());

  constructor(client, headers, then) {
    this.#client = client;
    this.#then = then;
    this.id = headers["lambda-runtime-aws-request-id"];
    this.#path = `${API}/invocation/${encodeURIComponent(this.id)}`;
  }

  /** Throws JSONStringifyError when the result is not JSON; the call goes on then. */
  succeed(result) {
    const body = serialize(result);
    if (!this.ended) {
      this.ended = true;
      this.#then(this.#client.postThenGet(`${this.#path}/response`, JSON_TYPE, body, NEXT));
    }
  }

  fail(error) {
    if (!this.ended) {
      this.ended = true;
      logError("Invoke Error", error);
      const [fields, body] = errorRequest(error);
      this.#then(this.#client.postThenGet(`${this.#path}/error`, fields, body, NEXT));
    }
  }

  /** Reports an error that ends the process; resolves when the Runtime API has it. */
  async crash(error) {
    if (!this.ended) {
      this.ended = true;
      const [fields, body] = errorRequest(error);
      await this.#client.post(`${this.#path}/error`, fields, body);
    }
  }

  /** Begins a streamed answer; see stream.cjs. */
  stream(fields) {
    return this.#client.stream(`${this.#path}/response`, fields);
  }

  /** After a streamed answer: on to the next call. */
  endStreamed() {
    if (!this.ended) {
      this.ended = true;
      this.#then(this.#client.get(NEXT));
    }
  }
}

function serialize(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? "null";
  } catch {
    throw new JSONStringifyError("Unable to stringify response body");
  }
}

/** Header lines and body of an error request. */
function errorRequest(error) {
  const response = toResponse(error);
  const type = String(response.errorType)
    .replaceAll(/[^\x20-\x7e]/g, "?")
    .slice(0, 256);
  return [`${ERROR_TYPE}lambda-runtime-function-error-type: ${type}\r\n`, JSON.stringify(response)];
}

async function postInitError(client, error) {
  const [fields, body] = errorRequest(error);
  await client.post(`${API}/init/error`, fields, body);
}

module.exports = { Loop, postInitError };
