"use strict";
/**
 * A jail that started before its function was known: Node.js has booted, everything here is loaded, and one request
 * waits for the function's environment variables.
 */
const { Client } = require("./client.cjs");
const { beUnique } = require("./unique.cjs");

const PATH = "/kiln/2026-11-01/assignment";

/**
 * Where the connection ends instead of an answer, this process goes on from a snapshot in a machine of its own, as others do:
 * it asks again there. A snapshot is taken once.
 * @param {string} address `host:port` of the Runtime API
 */
async function ask(address) {
  const client = await Client.open(address);
  try {
    return { client, answer: await client.get(PATH) };
  } catch {
    client.close();
  }
  const again = await Client.open(address);
  const answer = await again.get(PATH);
  beUnique();
  return { client: again, answer };
}

/** Waits for the assignment and makes the process environment exactly the function's. Gives the client that is connected. */
async function receiveAssignment(address) {
  const {
    client,
    answer: { status, body },
  } = await ask(address);
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
  return client;
}

/** Does once what every function's start would have to do: the ES module loader, and what most functions load. */
async function warmUp() {
  for (const name of ["https", "crypto", "fs/promises", "stream/promises", "zlib"]) {
    await import(`node:${name}`);
  }
}

module.exports = { receiveAssignment, warmUp };
