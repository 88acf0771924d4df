/** kill -9 of the whole program at random moments: nothing that was answered is lost, and the next start is clean. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateFunctionCommand,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { call, deploy, role, updated } from "../support/functions.ts";
import { leftovers, startTestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";

const rounds = 10;

async function describe(client: LambdaClient): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let Marker: string | undefined;
  do {
    const page = await client.send(new ListFunctionsCommand({ Marker }));
    for (const each of page.Functions ?? []) found.set(each.FunctionName ?? "", each.Description ?? "");
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  return found;
}

test(
  "a killed Kiln loses nothing that it answered and leaves a directory that starts",
  { timeout: 300_000 },
  async (context) => {
    const kiln = await startTestKiln(context);
    const code = await zipOf({ "index.mjs": "export const handler = async (e) => ({ got: e });" });
    const answered = new Map<string, string>();

    for (let round = 0; round < rounds; round += 1) {
      const client = kiln.client();
      const kill = { done: false };
      const writers = Array.from({ length: 4 }, async (_, writer) => {
        for (let count = 0; !kill.done; count += 1) {
          const name = `f-${round}-${writer}-${count}`;
          try {
            await client.send(
              new CreateFunctionCommand({
                FunctionName: name,
                Runtime: "nodejs24.x",
                Handler: "index.handler",
                Role: role,
                Code: { ZipFile: code },
              }),
            );
            answered.set(name, "");
            await updated(client, name);
            await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: name, Description: "changed" }));
            answered.set(name, "changed");
          } catch (error) {
            // Only the kill may end a writer.
            if (!kill.done) throw error;
          }
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 1500));
      kill.done = true;
      await kiln.kill();
      await Promise.allSettled(writers).then((ends) => {
        for (const end of ends) if (end.status === "rejected") throw end.reason;
      });
      await kiln.start();
      const found = await describe(kiln.client());
      for (const [name, description] of answered) {
        assert.ok(found.has(name), `${name} was answered and is lost in round ${round}`);
        // A change whose answer the kill cut off may be there; one that was answered must be.
        if (description !== "") assert.equal(found.get(name), description);
      }
    }
    assert.ok(answered.size >= rounds, `only ${answered.size} writes were answered`);

    // Functions that were Pending at a kill become Active by themselves.
    const client = kiln.client();
    for (const name of [...answered.keys()].slice(-3)) {
      await updated(client, name);
      assert.deepEqual((await call(client, name, { a: 1 })).payload, { got: { a: 1 } });
    }
  },
);

test("the jails of a killed Kiln are gone after the next start, and a stop leaves nothing", async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  await deploy(
    client,
    "waits",
    `export const handler = async (e) => { await new Promise((r) => setTimeout(r, e.ms)); return process.pid; };`,
    { Timeout: 60 },
  );
  await call(client, "waits", { ms: 1 });
  const cut = assert.rejects(call(client, "waits", { ms: 30_000 }));
  await new Promise((resolve) => setTimeout(resolve, 500));
  await kiln.kill();
  await cut;
  assert.notDeepEqual(leftovers(kiln.state), [], "a killed Kiln leaves its jails to the next start");
  await kiln.start();
  assert.equal((await call(kiln.client(), "waits", { ms: 1 })).status, 200);
  await kiln.stop();
  assert.deepEqual(leftovers(kiln.state), []);
});
