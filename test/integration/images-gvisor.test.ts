/** Functions of container images on gVisor's kernel. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { levels } from "../isolation/levels.ts";
import { userSpace, writeLayout } from "../support/container-image.ts";
import { call, role, updated } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";
import { tarOf } from "../support/tar.ts";

const skip = levels.find(({ level }) => level === "gvisor")?.skip ?? false;

const script = `#!/bin/bash
API="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  ID=$(curl -sS -D - -o /dev/null "$API/next" | grep -i '^lambda-runtime-aws-request-id:' | tr -d '[:space:]' | cut -d: -f2)
  curl -sS -d "\\"$1 in $PWD\\"" -o /dev/null "$API/$ID/response"
done
`;

test("container images on gVisor", { skip, timeout: 120_000 }, async (context) => {
  const images = mkdtempSync(join(tmpdir(), "kiln-images-"));
  context.after(() => rmSync(images, { recursive: true, force: true }));
  const run = { name: "run", content: script, mode: 0o755 };
  writeLayout(join(images, "guest"), {
    layers: [userSpace(), tarOf([run])],
    config: { Entrypoint: ["/run"], Cmd: ["guest"], WorkingDir: "/srv" },
  });
  const kiln = await startTestKiln(context, { KILN_ISOLATION: "gvisor", KILN_IMAGES: images });
  const client = kiln.client();
  for (const [name, ImageConfig] of [
    ["good", {}],
    ["wrong", { EntryPoint: ["/nothing"] }],
    ["lost", { WorkingDirectory: "/no/where" }],
  ] as const) {
    const EntryPoint = "EntryPoint" in ImageConfig ? [...ImageConfig.EntryPoint] : undefined;
    const Code = { ImageUri: "localhost/guest:latest" };
    const config = { ...ImageConfig, EntryPoint };
    // oxlint-disable-next-line no-await-in-loop -- One after the other.
    await client.send(
      new CreateFunctionCommand({
        FunctionName: name,
        PackageType: "Image",
        Role: role,
        Code,
        ImageConfig: config,
        MemorySize: 256,
        Timeout: 20,
      }),
    );
    // oxlint-disable-next-line no-await-in-loop -- One after the other.
    await updated(client, name);
  }
  const good = await call(client, "good");
  assert.equal(good.payload, "guest in /srv", good.log);
  assert.match(JSON.stringify((await call(client, "wrong")).payload), /Runtime\.InvalidEntrypoint/);
  assert.match(JSON.stringify((await call(client, "lost")).payload), /Runtime\.InvalidWorkingDir/);
});
