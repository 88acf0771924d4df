"use strict";
/**
 * `console` in AWS's text and JSON formats. One line on standard output is one log event; a newline inside an event is
 * sent as a carriage return, and the host turns it back. Writes are synchronous, so a line is out before the answer of
 * the call that wrote it.
 */
const { writeSync } = require("node:fs");
const { format } = require("node:util");
const { intoError, toLogText } = require("./errors.cjs");
const { modern } = require("./generation.cjs");
const { requestId, tenantId } = require("./store.cjs");

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const METHODS = {
  trace: "TRACE",
  debug: "DEBUG",
  info: "INFO",
  log: "INFO",
  warn: "WARN",
  error: "ERROR",
  fatal: "FATAL",
};
/** One wait for a reader that is slower than the function, in ms. */
const RETRY_MS = 1;
const clock = new Int32Array(new SharedArrayBuffer(4));

let json = false;

/** Replaces the methods of `console` as the environment says; call it once the environment is the function's. */
function patchConsole() {
  json = process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === "JSON";
  const least = Math.max(0, LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase()));
  const line = json ? jsonLine : textLine;
  for (const [method, level] of Object.entries(METHODS)) {
    console[method] =
      LEVELS.indexOf(level) < least && level !== "FATAL"
        ? () => {}
        : (message, ...params) => {
            write(`${line(level, message, params).replaceAll("\n", "\r")}\n`);
          };
  }
}

/** How the runtime itself logs an error: `title` appears in the text format only. */
function logError(title, error) {
  if (json) {
    console.error(intoError(error));
  } else {
    console.error(title, toLogText(intoError(error)));
  }
}

function textLine(level, message, params) {
  return `${new Date().toISOString()}\t${requestId()}\t${level}\t${format(message, ...params)}`;
}

function jsonLine(level, message, params) {
  const event = { timestamp: new Date().toISOString(), level, requestId: requestId() };
  const tenant = tenantId();
  if (tenant !== undefined) {
    event.tenantId = tenant;
  }
  if (params.length === 0) {
    event.message = message;
    try {
      return JSON.stringify(event, errorMembers);
    } catch {
      // Circular, or with a BigInt: as text.
      event.message = format(message);
      return JSON.stringify(event);
    }
  }
  event.message = format(message, ...params);
  const error = (modern ? params : [message, ...params]).find((param) => param instanceof Error);
  return JSON.stringify(error === undefined ? event : { ...event, ...describe(error) });
}

function errorMembers(_key, value) {
  return value instanceof Error ? Object.assign(describe(value), value) : value;
}

function describe(error) {
  return {
    errorType: error.constructor?.name ?? "UnknownError",
    errorMessage: error.message,
    stackTrace: typeof error.stack === "string" ? error.stack.split("\n") : [],
  };
}

function write(text) {
  let bytes = Buffer.from(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      if (error.code !== "EAGAIN") {
        return; // The reader is gone, and this process with it.
      }
      Atomics.wait(clock, 0, 0, RETRY_MS);
    }
  }
}

module.exports = { logError, patchConsole };
