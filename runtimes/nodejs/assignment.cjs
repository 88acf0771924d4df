"use strict";
/**
 * A jail that started before its function was known: Node.js has booted, everything here is loaded, and one request
 * waits for the function's environment variables.
 */
const PATH = "/kiln/2026-11-01/assignment";

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
}

/** Does once what every function's start would have to do: the ES module loader, and what most functions load. */
async function warmUp() {
  for (const name of ["https", "crypto", "fs/promises", "stream/promises", "zlib"]) {
    await import(`node:${name}`);
  }
}

module.exports = { receiveAssignment, warmUp };
