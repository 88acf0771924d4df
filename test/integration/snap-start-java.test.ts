/** SnapStart of functions in Java in microVMs: hooks of CRaC, run by AWS's own runtime client. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  GetFunctionConfigurationCommand,
  PublishVersionCommand,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { runtimePrograms } from "../../tools/runtime-programs.ts";
import { microvm } from "../isolation/levels.ts";
import { call, deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";
import { zipOfFolder } from "../support/zip.ts";

interface Seen {
  initialised: string;
  hooks: string[];
  uuid: string;
  random: string;
  now: number;
  type: string;
}

const java = runtimePrograms.find(({ name }) => name === "java") ?? assert.fail("no program in Java");
const settings = {
  Runtime: "java21",
  Handler: "Restored::handleRequest",
  MemorySize: 512,
  // Under emulation each class that is new takes its time.
  Timeout: 300,
  SnapStart: { ApplyOn: "PublishedVersions" },
} as const;
const skip = (await java.absent()) ?? microvm.skip;

test(
  "SnapStart in Java: hooks before and after, once for each environment, and what must differ",
  { skip },
  async (context) => {
    const kiln = await startTestKiln(context, { KILN_ISOLATION: "microvm" });
    const client = kiln.client();
    const Code = { ZipFile: await zipOfFolder(await java.prepare()) };
    const publish = async (FunctionName: string): Promise<void> => {
      await client.send(new PublishVersionCommand({ FunctionName }));
      await waitUntilPublishedVersionActive({ client, maxWaitTime: 900 }, { FunctionName, Qualifier: "1" });
      const about = { FunctionName, Qualifier: "1" };
      const { SnapStart } = await client.send(new GetFunctionConfigurationCommand(about));
      assert.equal(SnapStart?.OptimizationStatus, "On");
    };
    const invoke = (name: string) => call(client, name, {}, { Qualifier: "1" });

    await deploy(client, "restored", "", { ...settings, Code });
    await publish("restored");
    const answers = await Promise.all([invoke("restored"), invoke("restored")]);
    const [one, two] = answers.map(({ payload, error, log }): Seen => {
      assert.equal(error, undefined, JSON.stringify(payload));
      assert.match(log, /\tRestore Duration: \d+\.\d\d ms\tBilled Restore Duration: \d+ ms\t/);
      return payload as Seen;
    });
    assert.ok(one !== undefined && two !== undefined);
    for (const { hooks, type, now } of [one, two]) {
      assert.deepEqual([hooks, type], [["beforeCheckpoint", "afterRestore"], "snap-start"]);
      assert.ok(Math.abs(now - Date.now()) < 10 * 60_000, "the clock is the host's");
    }
    assert.equal(one.initialised, two.initialised);
    for (const differs of ["uuid", "random"] as const) assert.notEqual(one[differs], two[differs], differs);

    await deploy(client, "broken", "", { ...settings, Code, Environment: { Variables: { FAIL: "yes" } } });
    await publish("broken");
    await assert.rejects(invoke("broken"), { name: "SnapStartException" });
  },
);
