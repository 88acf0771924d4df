"use strict";
/**
 * A jail that started before its function was known: Node.js has booted, everything here is loaded, and one request
 * waits for the function's environment variables.
 */
const { setFlagsFromString } = require("node:v8");

const PATH = "/kiln/2026-11-01/assignment";

/**
 * How much a heap may grow, in per cent of what is alive, before V8 collects again, by function size in MB. The heap's
 * limit is that of the largest function and cannot be lowered once V8 runs; without these, garbage alone would bring a
 * small function to its jail's limit. Larger functions keep V8's own judgement.
 */
const GROWTH = [
  [256, 30],
  [512, 60],
  [1024, 100],
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
  const growth = GROWTH.find(([most]) => memory <= most)?.[1];
  if (growth !== undefined) {
    setFlagsFromString(`--heap-growing-percent=${growth}`);
  }
}

/** Does once what every function's start would have to do: the module systems, formatting, what most functions load. */
async function warmUp() {
  await import("node:https");
  await import("node:crypto");
  await import("node:fs/promises");
}

module.exports = { receiveAssignment, warmUp };
