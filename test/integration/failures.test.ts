/** How functions fail, as a caller of the API sees it: real jails, the real SDK. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { call, deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

interface Failure {
  errorType: string;
  errorMessage: string;
}

test("functions that fail", async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();

  await context.test(
    "a handler that throws is reported with type, message and trace, and the environment lives on",
    async () => {
      await deploy(
        client,
        "throws",
        `let calls = 0;
       class Refused extends Error { name = "Refused" }
       export const handler = async () => { calls += 1; if (calls === 1) throw new Refused("not today"); return calls; }`,
      );
      const failed = await call(client, "throws");
      assert.equal(failed.status, 200);
      assert.equal(failed.error, "Unhandled");
      const { errorType, errorMessage } = failed.payload as Failure;
      assert.deepEqual({ errorType, errorMessage }, { errorType: "Refused", errorMessage: "not today" });
      assert.equal((await call(client, "throws")).payload, 2);
    },
  );

  await context.test(
    "a handler that takes too long is stopped at its timeout, and the next call gets a new environment",
    async () => {
      await deploy(
        client,
        "sleeps",
        `let calls = 0; export const handler = async (e) => { calls += 1; if (e.sleep) await new Promise((r) => setTimeout(r, 60000)); return calls; }`,
        { Timeout: 1 },
      );
      assert.equal((await call(client, "sleeps")).payload, 1);
      const failed = await call(client, "sleeps", { sleep: true });
      assert.equal(failed.error, "Unhandled");
      assert.match((failed.payload as Failure).errorMessage, /Task timed out after 1\.00 seconds/);
      assert.equal((await call(client, "sleeps")).payload, 1);
    },
  );

  await context.test("a handler that ends its process is a Runtime.ExitError", async () => {
    await deploy(client, "exits", `export const handler = async () => process.exit(7);`);
    const failed = await call(client, "exits");
    assert.equal((failed.payload as Failure).errorType, "Runtime.ExitError");
    assert.match((failed.payload as Failure).errorMessage, /Runtime exited with error: exit status 7/);
  });

  await context.test("a handler that eats its memory is out of memory, and its neighbours are not", async () => {
    await deploy(
      client,
      "eats",
      `const hoard = []; export const handler = async () => { for (;;) hoard.push(Buffer.alloc(8 * 1024 * 1024, 1)); }`,
      { Timeout: 30 },
    );
    const failed = await call(client, "eats");
    assert.match((failed.payload as Failure).errorType, /^Runtime\.(OutOfMemory|ExitError)$/);
    assert.equal((await call(client, "throws")).status, 200);
  });

  await context.test("code that cannot be loaded says which module, handler or syntax", async () => {
    await deploy(client, "imports", { "index.js": `require("no-such-module"); exports.handler = async () => 1;` });
    assert.equal(((await call(client, "imports")).payload as Failure).errorType, "Runtime.ImportModuleError");
    await deploy(client, "handler", `export const other = async () => 1;`);
    assert.equal(((await call(client, "handler")).payload as Failure).errorType, "Runtime.HandlerNotFound");
    await deploy(client, "syntax", `export const handler = async ( => 1;`);
    assert.equal(((await call(client, "syntax")).payload as Failure).errorType, "Runtime.UserCodeSyntaxError");
  });

  await context.test("an answer over 6 MB is refused as AWS refuses it", async () => {
    await deploy(client, "large", `export const handler = async () => "x".repeat(7 * 1024 * 1024);`, {
      MemorySize: 512,
    });
    const failed = await call(client, "large");
    assert.equal((failed.payload as Failure).errorType, "Function.ResponseSizeTooLarge");
  });

  await context.test("the log has START, the lines with their request id, END and REPORT", async () => {
    await deploy(
      client,
      "logs",
      `export const handler = async (e, c) => { console.log("one\\ntwo"); console.error("three"); return c.awsRequestId; }`,
    );
    const answer = await call(client, "logs");
    const id = String(answer.payload);
    assert.match(answer.log, new RegExp(`START RequestId: ${id} Version: \\$LATEST`));
    assert.match(answer.log, new RegExp(`\\t${id}\\tINFO\\tone\\ntwo`));
    assert.match(answer.log, new RegExp(`\\t${id}\\tERROR\\tthree`));
    assert.match(answer.log, new RegExp(`END RequestId: ${id}`));
    assert.match(
      answer.log,
      /REPORT RequestId: .*\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: [1-9]\d* MB/,
    );
  });
});
