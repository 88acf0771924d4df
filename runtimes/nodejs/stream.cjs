"use strict";
/** The response stream of a streaming handler: a chunked request whose trailers tell of an error on the way. */
const { Writable } = require("node:stream");
const { InvalidStreamingOperation, toResponse } = require("./errors.cjs");

const MODE = "lambda-runtime-function-response-mode: streaming\r\n";
const TRAILERS = "trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n";

class ResponseStream extends Writable {
  #call;
  #request;
  #contentType = "application/octet-stream";
  #trailers = "";
  #finished;
  #answer;
  #refuse;
  /** Resolves when the Runtime API has taken the whole answer. */
  answered;

  constructor(call, options) {
    super(options);
    this.#call = call;
    this.answered = new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#refuse = reject;
    });
    // Whoever awaits it gets the error; a handler that failed before does not.
    this.answered.catch(() => {});
  }

  get started() {
    return this.#request !== undefined;
  }

  setContentType(type) {
    if (this.started) {
      throw new InvalidStreamingOperation("Cannot set content-type, too late.");
    }
    this.#contentType = String(type).replaceAll(/[^\x20-\x7e]/g, "");
  }

  /** Values that are neither text nor bytes are sent as JSON. */
  write(chunk, encoding, callback) {
    const raw = typeof chunk === "string" || chunk instanceof Uint8Array;
    return super.write(raw ? chunk : JSON.stringify(chunk), encoding, callback);
  }

  /** Ends the answer with an error in its trailers, after all that has been written, as far as that is still to be had. */
  async abort(error) {
    const response = toResponse(error);
    const body = Buffer.from(JSON.stringify(response)).toString("base64");
    const type = String(response.errorType).replaceAll(/[^\x20-\x7e]/g, "?");
    this.#trailers = `Lambda-Runtime-Function-Error-Type: ${type}\r\nLambda-Runtime-Function-Error-Body: ${body}\r\n`;
    if (this.destroyed) {
      await this.#finish();
      return;
    }
    if (!this.writableEnded) {
      this.end();
    }
    await this.answered;
  }

  /** Once: a handler can fail after it has ended its answer. */
  #finish() {
    this.#finished ??= this.#request.end(this.#trailers);
    return this.#finished;
  }

  _write(chunk, _encoding, callback) {
    this.#begin();
    this.#request.write(chunk, callback);
  }

  /** What was written while the last piece was on its way goes in one. */
  _writev(written, callback) {
    this._write(Buffer.concat(written.map(({ chunk }) => chunk)), "buffer", callback);
  }

  async _final(callback) {
    this.#begin();
    let error = null;
    try {
      this.#answer(await this.#finish());
    } catch (thrown) {
      error = thrown;
      this.#refuse(thrown);
    }
    callback(error);
  }

  #begin() {
    if (this.#request === undefined) {
      this.#request = this.#call.stream(`${MODE}${TRAILERS}content-type: ${this.#contentType}\r\n`);
      this._onBeforeFirstWrite?.((bytes) => {
        this.#request.write(Buffer.from(bytes));
      });
    }
  }
}

/** `awslambda.HttpResponseStream.from`: status, headers and cookies before the body, for function URLs. */
const HttpResponseStream = {
  from(stream, prelude) {
    stream.setContentType("application/vnd.awslambda.http-integration-response");
    stream._onBeforeFirstWrite = (write) => {
      write(JSON.stringify(prelude));
      write(new Uint8Array(8));
    };
    return stream;
  },
};

module.exports = { HttpResponseStream, ResponseStream };
