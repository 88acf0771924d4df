/** AWS's SDKs for other languages, unmodified: each creates, publishes, names, calls, lists and deletes a function. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { sdkClients } from "../../tools/sdk-clients.ts";
import { deploy } from "../support/functions.ts";
import { run, startTestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";

const code = "export const handler = async (event) => ({ sum: event.a + event.b });";

describe("SDKs of other languages", { timeout: 300_000 }, () => {
  for (const sdk of sdkClients) {
    const { name } = sdk;
    it(`${name} leads a function through its life`, async (context) => {
      const reason = await sdk.absent();
      if (reason !== undefined) return context.skip(`${name}: ${reason}`);
      const [program = "", ...parameters] = await sdk.prepare();
      const kiln = await startTestKiln(context);
      const folder = await mkdtemp(join(tmpdir(), "kiln-sdk-"));
      context.after(() => rm(folder, { recursive: true }));
      const archive = join(folder, "code.zip");
      await writeFile(archive, await zipOf({ "index.mjs": code }));
      // A second function, so that there is more than one page to list.
      await deploy(kiln.client(), "another", code);

      const { url, region, accessKeyId, secretAccessKey } = kiln.endpoint();
      const created = `made-with-${name}`;
      const finished = await run(program, [...parameters, created, archive], {
        AWS_ENDPOINT_URL: url,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_CONFIG_FILE: join(folder, "none"),
        AWS_SHARED_CREDENTIALS_FILE: join(folder, "none"),
        AWS_EC2_METADATA_DISABLED: "true",
      });
      assert.equal(finished.status, 0, finished.stderr);
      const arn = `arn:aws:lambda:us-east-1:000000000000:function:${created}`;
      assert.deepEqual(JSON.parse(finished.stdout), {
        arn,
        state: "Pending",
        version: "1",
        alias: `${arn}:live`,
        executed: "1",
        answer: { sum: 42 },
        listed: 1,
        gone: `Function not found: ${arn}`,
      });
      return undefined;
    });
  }
});
