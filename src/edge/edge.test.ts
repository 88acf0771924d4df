import assert from "node:assert/strict";
import { request, type IncomingMessage, type ServerResponse } from "node:http";
import { test } from "node:test";
import { KilnError } from "../base/errors.ts";
import { createEdge, type EdgeOptions } from "./index.ts";

function edgeOf(options: Partial<EdgeOptions> = {}) {
  return createEdge({
    host: "127.0.0.1",
    port: 0,
    handle: (_request, response) => response.end("handled"),
    health: () => ({ status: "ok" }),
    onFault: (error) => assert.fail(String(error)),
    ...options,
  });
}

test("health, routes below /_kiln/, and everything else", async () => {
  const faults: unknown[] = [];
  const edge = edgeOf({
    health: async () => ({ status: "ok", functions: 3 }),
    routes: {
      "code/": (_request, response, rest) => void response.end(`code ${rest}`),
      "broken/": () => {
        throw new Error("secret");
      },
    },
    onFault: (error) => faults.push(error),
  });
  const { url } = await edge.start();
  try {
    const health = await fetch(`${url}/_kiln/health?now`);
    assert.equal(health.headers.get("content-type"), "application/json");
    assert.deepEqual(await health.json(), { status: "ok", functions: 3 });
    assert.equal((await fetch(`${url}/_kiln/health`, { method: "HEAD" })).status, 200);
    assert.equal((await fetch(`${url}/_kiln/health`, { method: "POST" })).status, 405);
    assert.equal(await (await fetch(`${url}/_kiln/code/a%2Fb?x=1`)).text(), "code a%2Fb");
    assert.equal((await fetch(`${url}/_kiln/nothing`)).status, 404);
    const broken = await fetch(`${url}/_kiln/broken/x`);
    assert.equal(broken.status, 500);
    assert.doesNotMatch(await broken.text(), /secret/);
    assert.match(String(faults[0]), /secret/);
    assert.equal(await (await fetch(`${url}/_kilnx`)).text(), "handled");
  } finally {
    await edge.stop(0);
  }
});

test("a port that is taken is said in plain words", async () => {
  const first = edgeOf();
  const { port } = await first.start();
  try {
    await assert.rejects(edgeOf({ port }).start(), (error) => {
      return error instanceof KilnError && error.code === "LISTEN_FAILED" && /another Kiln/.test(error.hint ?? "");
    });
  } finally {
    await first.stop(0);
  }
});

/** A request that is being answered when the edge is told to stop. */
async function stopDuring(graceMs: number, answer: (response: ServerResponse) => void): Promise<string> {
  const { promise: arrived, resolve } = Promise.withResolvers<ServerResponse>();
  const edge = edgeOf({ handle: (_request: IncomingMessage, response) => resolve(response) });
  const { port } = await edge.start();
  const outcome = new Promise<string>((settle) => {
    const outgoing = request({ port, host: "127.0.0.1", path: "/" }, (incoming) => {
      incoming.on("data", (chunk: Buffer) => settle(`${chunk.toString()} ${incoming.headers.connection}`));
    });
    outgoing.on("error", () => settle("cut"));
    outgoing.end();
  });
  const response = await arrived;
  const stopped = edge.stop(graceMs);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`), "no new connections");
  answer(response);
  await stopped;
  return outcome;
}

test("stop lets a running request finish, and closes its connection after that", async () => {
  assert.equal(await stopDuring(10_000, (response) => response.end("done")), "done close");
});

test("stop cuts what does not finish in time", async () => {
  assert.equal(await stopDuring(50, () => undefined), "cut");
});
