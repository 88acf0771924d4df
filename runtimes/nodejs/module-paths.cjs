"use strict";
/** Where modules are found after the function's own node_modules: NODE_PATH, for ES modules as well, as on AWS. */
const { createRequire, Module, registerHooks } = require("node:module");
const { dirname, join } = require("node:path");
const { pathToFileURL } = require("node:url");

/** Links in the images of versions without `registerHooks`: they lead ES modules to layers and to the runtime. */
const LINKS = new Set(["/var/node_modules", "/node_modules"]);
const requireFromNodePath = createRequire("/var/runtime/index.mjs");

/** @param {string} root LAMBDA_TASK_ROOT */
function addModulePaths(root) {
  if (!process.env.NODE_PATH) {
    const major = process.versions.node.split(".")[0];
    process.env.NODE_PATH = [
      `/opt/nodejs/node${major}/node_modules`,
      "/opt/nodejs/node_modules",
      "/var/runtime/node_modules",
      "/var/runtime",
      root,
    ].join(":");
  }
  // Node.js reads NODE_PATH once, when it starts.
  Module._initPaths();
  if (registerHooks === undefined) {
    const nodeModulePaths = Module._nodeModulePaths;
    Module._nodeModulePaths = (from) => nodeModulePaths(from).filter((path) => !LINKS.has(path));
  } else {
    registerHooks({ resolve });
  }
}

function resolve(specifier, context, next) {
  try {
    return next(specifier, context);
  } catch (error) {
    if (error?.code !== "ERR_MODULE_NOT_FOUND" || !context.conditions.includes("import") || !isBare(specifier)) {
      throw error;
    }
    for (const path of process.env.NODE_PATH.split(":")) {
      const found = resolveIn(path, specifier, context, next);
      if (found !== undefined) {
        return found;
      }
    }
    throw error;
  }
}

/** Undefined when it is not there. */
function resolveIn(path, specifier, context, next) {
  try {
    if (path.endsWith("/node_modules")) {
      return next(specifier, { ...context, parentURL: pathToFileURL(join(dirname(path), "index.mjs")).href });
    }
    const file = requireFromNodePath.resolve(specifier, { paths: [path] });
    return next(pathToFileURL(file).href, context);
  } catch (error) {
    if (error?.code === "ERR_MODULE_NOT_FOUND" || error?.code === "MODULE_NOT_FOUND") {
      return undefined;
    }
    throw error;
  }
}

/** A package's name, with or without a path in it. */
function isBare(specifier) {
  return /^[^./:#][^:]*$/.test(specifier);
}

module.exports = { addModulePaths };
