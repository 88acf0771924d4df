/** Two jails on one host: they share images, and nothing else. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { ScriptRun } from "../../src/sandbox/conformance/subject.ts";
import { startScript } from "../../src/sandbox/conformance/subject.ts";
import { RUNTIME_API_HOST, RUNTIME_API_PORT } from "../../src/sandbox/contract.ts";
import { atEachLevel } from "./levels.ts";
import { openStage, type Stage } from "./support.ts";
import { hostUid, processesOf } from "./traces.ts";

atEachLevel((level) => {
  let stage: Stage;
  before(async () => {
    stage = await openStage(undefined, level);
  });
  after(() => stage?.close());

  const secretive = `
  require("node:fs").writeFileSync("/tmp/secret", "mine", { mode: 0o777 });
  const server = require("node:net").createServer();
  server.listen("\\0abstract", () => server.listening && console.log("ready"));
  require("node:net").createServer().listen(8000, "0.0.0.0");`;

  const curious = `
  const fs = require("node:fs"), net = require("node:net");
  const outcome = (options) => new Promise((done) => net.connect(options, () => done("connected")).on("error", (error) => done(error.code)));
  (async () => console.log(JSON.stringify({
    files: fs.readdirSync("/tmp"),
    processes: fs.readdirSync("/proc").filter((name) => /^\\d+$/.test(name)).length,
    abstract: await outcome({ path: "\\0abstract" }),
    port: await outcome({ host: "127.0.0.1", port: 8000 }),
    own: await outcome({ host: "${RUNTIME_API_HOST}", port: ${RUNTIME_API_PORT} }),
  })))().then(() => process.exit(0))`;

  async function startSecretive(onConnection: () => void): Promise<ScriptRun> {
    const { sandbox, bench } = stage;
    const run = await startScript(sandbox, bench, secretive, {
      onConnection(socket) {
        onConnection();
        socket.destroy();
      },
    });
    await run.first;
    return run;
  }

  void test("files, processes, sockets and the Runtime API of a neighbour are out of reach", async () => {
    let disturbed = 0;
    const secret = await startSecretive(() => disturbed++);
    let own = 0;
    const spy = await startScript(stage.sandbox, stage.bench, curious, {
      onConnection(socket) {
        own++;
        socket.destroy();
      },
    });
    await spy.jail.exited;
    assert.deepEqual(JSON.parse(await spy.stdout), {
      files: [],
      processes: 2,
      abstract: "ECONNREFUSED",
      port: "ECONNREFUSED",
      own: "connected",
    });
    assert.equal(own, 1);
    assert.equal(disturbed, 0);
    await Promise.all([secret.jail.destroy(), spy.jail.destroy()]);
  });

  void test("every jail has user ids of its own on the host, and none of them is the host's", async () => {
    const runs = await Promise.all([1, 2, 3].map(() => startSecretive(() => undefined)));
    const uids = new Set(processesOf(stage.bench.instance).map(hostUid));
    assert.equal(uids.size, runs.length);
    for (const uid of uids) assert.ok(uid >= 0x4000_0000, String(uid));
    await Promise.all(runs.map(({ jail }) => jail.destroy()));
  });
});
