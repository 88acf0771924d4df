"use strict";
/** Finds the handler that `_HANDLER` names, in AWS's order and with AWS's errors. */
const { existsSync, readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { basename, dirname, join, resolve } = require("node:path");
const { pathToFileURL } = require("node:url");
const errors = require("./errors.cjs");

/** Function code is loaded from here, so that "Require stack" shows what it shows on AWS and nothing of ours. */
const requireUser = createRequire("/var/runtime/index.mjs");
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");

/**
 * @param {string} root LAMBDA_TASK_ROOT
 * @param {string} name for instance `src/app.handlers.create`: file `src/app`, export `handlers.create`
 * @param {boolean} modern nodejs24.x and later load everything as AWS's newer runtime does
 */
async function loadHandler(root, name, modern) {
  if (name.includes("..")) {
    throw new errors.MalformedHandlerName(
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const file = basename(name);
  const folder = name.slice(0, name.indexOf(file));
  const match = /^([^.]*)\.(.*)$/.exec(file);
  if (match === null) {
    throw new errors.MalformedHandlerName("Bad handler");
  }
  const [, module, path] = match;
  const loaded = await loadModule(root, folder, module, modern);
  let handler = member(loaded, path);
  if (!handler && modern && loaded?.default !== undefined) {
    handler = member(loaded.default, path);
  }
  if (!handler) {
    throw new errors.HandlerNotFound(`${name} is undefined or not exported`);
  }
  if (typeof handler !== "function") {
    throw new errors.HandlerNotFound(`${name} is not a function`);
  }
  return handler;
}

function member(module, path) {
  return path.split(".").reduce((value, key) => value && value[key], module);
}

async function loadModule(root, folder, module, modern) {
  const path = resolve(root, folder, module);
  try {
    const loaded = modern ? await importFirst(path) : await requireOrImport(path);
    return loaded ?? requireUser(requireUser.resolve(module, { paths: [root, join(root, folder)] }));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw withStack(new errors.UserCodeSyntaxError(error), modern ? error.stack : undefined);
    }
    if (error?.code === "MODULE_NOT_FOUND") {
      throw new errors.ImportModuleError(error);
    }
    throw error;
  }
}

function withStack(error, stack) {
  if (stack !== undefined) {
    error.stack = stack;
  }
  return error;
}

async function importFirst(path) {
  for (const extension of ["", ".js", ".mjs", ".cjs"]) {
    if (existsSync(path + extension)) {
      return import(pathToFileURL(path + extension).href);
    }
  }
}

async function requireOrImport(path) {
  if (existsSync(path)) {
    return requireUser(path);
  }
  const isModule = existsSync(`${path}.js`) && inModulePackage(dirname(path));
  if (!isModule && existsSync(`${path}.js`)) {
    return requireUser(`${path}.js`);
  }
  for (const extension of isModule ? [".js", ".mjs"] : [".mjs"]) {
    if (existsSync(path + extension)) {
      return import(pathToFileURL(path + extension).href);
    }
  }
  return existsSync(`${path}.cjs`) ? requireUser(`${path}.cjs`) : undefined;
}

/** Whether the nearest package.json says `"type": "module"`. */
function inModulePackage(folder) {
  if (folder.endsWith("/node_modules")) {
    return false;
  }
  const file = join(folder, "package.json");
  if (existsSync(file)) {
    try {
      return JSON.parse(readFileSync(file, "utf8"))?.type === "module";
    } catch (error) {
      console.warn(`${file} cannot be read, it will be ignored for ES module detection purposes.`, error);
      return false;
    }
  }
  return folder === "/" ? false : inModulePackage(dirname(folder));
}

/** Whether a handler is a streaming one (wrapped in `awslambda.streamifyResponse`), and its buffer size in bytes. */
function streaming(handler) {
  const mode = handler[STREAMING];
  if (mode === undefined || mode === null || mode === false) {
    return undefined;
  }
  if (mode !== "response") {
    throw new errors.MalformedStreamingHandler("Only response streaming is supported.");
  }
  const highWaterMark = Number.parseInt(handler[HIGH_WATER_MARK], 10);
  return Number.isNaN(highWaterMark) ? {} : { highWaterMark };
}

function streamifyResponse(handler, options) {
  handler[STREAMING] = "response";
  if (typeof options?.highWaterMark === "number") {
    handler[HIGH_WATER_MARK] = Math.trunc(options.highWaterMark);
  }
  return handler;
}

module.exports = { loadHandler, streamifyResponse, streaming };
