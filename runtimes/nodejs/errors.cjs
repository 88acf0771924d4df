"use strict";
/** The runtime's own errors, and errors as AWS's runtimes report and log them. */
const { types } = require("node:util");

/** A class whose name is AWS's error type. */
function errorType(name) {
  const type = class extends Error {};
  type.prototype.name = `Runtime.${name}`;
  return type;
}

class UnhandledPromiseRejection extends Error {
  constructor(reason, promise) {
    super(reason);
    this.reason = reason;
    this.promise = promise;
  }
}
UnhandledPromiseRejection.prototype.name = "Runtime.UnhandledPromiseRejection";

class NodeJsExit extends Error {
  constructor() {
    super(
      "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes",
    );
  }
}
NodeJsExit.prototype.name = "Runtime.NodeJsExit";

/** Body of the error requests: `{ errorType, errorMessage, trace }`. Never throws, whatever was thrown. */
function toResponse(error) {
  try {
    if (types.isNativeError(error) || looksLikeError(error)) {
      return {
        errorType: clean(error.name),
        errorMessage: clean(error.message),
        trace: clean(error.stack)?.split("\n") ?? [],
      };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    return {
      errorType: "handled",
      errorMessage:
        "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack",
    };
  }
}

function looksLikeError(value) {
  return (
    typeof value === "object" &&
    value !== null &&
    [value.name, value.message, value.stack].every((part) => typeof part === "string" && part !== "")
  );
}

/** AWS escapes DEL, which its own transport cannot carry. */
function clean(text) {
  return typeof text === "string" ? text.replaceAll("\x7F", "%7F") : undefined;
}

/** The error in a text log line: a tab and JSON that has the members which JSON.stringify leaves out. */
function toLogText(error) {
  try {
    return `\t${JSON.stringify(error, (_key, value) => withHiddenMembers(value))}`;
  } catch {
    return `\t${JSON.stringify(toResponse(error))}`;
  }
}

function withHiddenMembers(value) {
  if (!(value instanceof Error)) {
    return value;
  }
  const visible = Object.assign({ errorType: value.name, errorMessage: value.message, code: value.code }, value);
  if (typeof value.stack === "string") {
    visible.stack = value.stack.split("\n");
  }
  return visible;
}

function intoError(thrown) {
  return thrown instanceof Error ? thrown : new Error(thrown);
}

module.exports = {
  CallbackHandlerDeprecated: errorType("CallbackHandlerDeprecated"),
  HandlerNotFound: errorType("HandlerNotFound"),
  ImportModuleError: errorType("ImportModuleError"),
  InvalidStreamingOperation: errorType("InvalidStreamingOperation"),
  JSONStringifyError: errorType("JSONStringifyError"),
  MalformedHandlerName: errorType("MalformedHandlerName"),
  MalformedStreamingHandler: errorType("MalformedStreamingHandler"),
  NodeJsExit,
  PlatformError: errorType("PlatformError"),
  UnhandledPromiseRejection,
  UserCodeSyntaxError: errorType("UserCodeSyntaxError"),
  intoError,
  toLogText,
  toResponse,
};
