"use strict";
/**
 * A jail that started before its function was known: Node.js has booted, everything here is loaded, and one request
 * waits for the function's environment variables.
 */
const { setFlagsFromString } = require("node:v8");

const PATH = "/kiln/2026-11-01/assignment";

/**
 * How much a heap may grow, in per cent of what is alive, before V8 collects again, by function size in MB. The heap's
 * limit is that of the largest function and cannot be lowered once V8 runs; with V8's own growth, up to fourfold,
 * garbage alone would bring a function to its jail's limit. Measured with 128 MB: 60 MB of live objects and steady
 * garbage run with 30, as they do with AWS's limits at start; without it, 40 MB of them are killed.
 */
const GROWTH = [
  [512, 30],
  [1024, 40],
  [Infinity, 50],
];

/** Waits for the assignment and makes the process environment exactly the function's. */
async function receiveAssignment(client) {
  const { status, body } = await client.get(PATH);
  if (status !== 200) {
    throw new Error(`The Runtime API answered ${status} to a request for an assignment.`);
  }
  const { env } = JSON.parse(body);
  for (const name of Object.keys(process.env)) {
    if (!Object.hasOwn(env, name)) {
      delete process.env[name];
    }
  }
  for (const [name, value] of Object.entries(env)) {
    process.env[name] = value;
  }
  const memory = Number(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
  const growth = GROWTH.find(([most]) => memory <= most)?.[1] ?? 30;
  setFlagsFromString(`--heap-growing-percent=${growth}`);
}

/** Does once what every function's start would have to do: the module systems, formatting, what most functions load. */
async function warmUp() {
  await import("node:https");
  await import("node:crypto");
  await import("node:fs/promises");
}

module.exports = { receiveAssignment, warmUp };
