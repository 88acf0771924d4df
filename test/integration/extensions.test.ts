/** An extension as users bring it: published as a layer, through the public API, with what it is told of a function's life. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { PublishLayerVersionCommand, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { levels, microvm } from "../isolation/levels.ts";
import { call, deploy, updated } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";
import { subscriber } from "../worker/extension-scripts.ts";

for (const { level, skip } of [...levels, microvm]) {
  test(
    `an extension in a layer, ${level}: calls, telemetry, and the end of its environment`,
    { skip },
    async (context) => {
      const kiln = await startTestKiln(context, { KILN_ISOLATION: level });
      const client = kiln.client();
      const content = subscriber("/2022-07-01/telemetry", { schemaVersion: "2022-12-13", types: ["platform"] }, "HTTP");
      const layer = await client.send(
        new PublishLayerVersionCommand({
          LayerName: "watcher",
          Content: { ZipFile: await zipOf({ "extensions/watcher": { content, mode: 0o100755 } }) },
        }),
      );
      const source = `exports.handler = async (event) => event;`;
      await deploy(client, "watched", { "index.js": source }, { Layers: [layer.LayerVersionArn ?? ""] });
      assert.deepEqual((await call(client, "watched", { n: 1 })).payload, { n: 1 });
      await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "watched", Layers: [] }));
      await updated(client, "watched");
      assert.deepEqual((await call(client, "watched", { n: 2 })).payload, { n: 2 });

      const { url, region, accessKeyId, secretAccessKey } = kiln.endpoint();
      const logs = new CloudWatchLogsClient({ endpoint: url, region, credentials: { accessKeyId, secretAccessKey } });
      context.after(() => logs.destroy());
      async function messages(): Promise<string[]> {
        const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: "/aws/lambda/watched" }));
        return events.map(({ message = "" }) => message);
      }
      // The old environment ends beside the second call.
      let all = await messages();
      while (!all.some((line) => line.startsWith("the end: "))) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        all = await messages();
      }
      const text = all.join("\n");
      assert.match(text, /^EXTENSION\tName: watcher\tState: Ready\tEvents: \[INVOKE,SHUTDOWN\]$/m);
      assert.match(text, /^TELEMETRY\tName: watcher\tState: Subscribed\tTypes: \[Platform\]$/m);
      assert.match(text, /^got HTTP .*"type":"platform.report"/m);
      assert.match(text, /^the end: spindown$/m);
    },
  );
}
