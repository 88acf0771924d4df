/** Functions of container images, from images on disk: no registry is needed for these. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { CreateFunctionCommand, GetFunctionCommand } from "@aws-sdk/client-lambda";
import { userSpace, writeLayout } from "../support/container-image.ts";
import { call, role, updated } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";
import { DIRECTORY, tarOf } from "../support/tar.ts";

const skip = process.getuid?.() === 0 ? false : "jails need root";

/** Answers every call with what `answer` prints. */
function bootstrap(answer: string): string {
  return `#!/bin/bash
API="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while true; do
  HEADERS=$(mktemp)
  EVENT=$(curl -sS -D "$HEADERS" "$API/invocation/next")
  ID=$(grep -i '^lambda-runtime-aws-request-id:' "$HEADERS" | tr -d '[:space:]' | cut -d: -f2)
  { ${answer}; } | curl -sS --data-binary @- -o /dev/null "$API/invocation/$ID/response"
done
`;
}

const program = (answer: string) => ({ name: "usr/local/bin/run", content: bootstrap(answer), mode: 0o755 });

function folder(context: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "kiln-images-"));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test("a function of a container image", { skip, timeout: 180_000 }, async (context) => {
  const images = folder(context);
  const shop = join(images, "shop");
  const first = writeLayout(shop, {
    tag: "v1",
    layers: [
      userSpace(),
      gzipSync(tarOf([{ name: "srv", type: DIRECTORY }, program(`printf '["one","%s","%s"]' "$PWD" "$*"`)])),
      zstdCompressSync(tarOf([{ name: "srv/app", type: DIRECTORY }])),
    ],
    config: {
      Entrypoint: ["run"],
      Cmd: ["app.handler"],
      WorkingDir: "/srv",
      Env: ["PATH=/usr/local/bin:/usr/bin:/bin", "COLOUR=red"],
    },
  });
  const kiln = await startTestKiln(context, { KILN_IMAGES: images });
  const client = kiln.client();

  await context.test("is created, prepared and called", async () => {
    const created = await client.send(
      new CreateFunctionCommand({
        FunctionName: "shop",
        PackageType: "Image",
        Role: role,
        Code: { ImageUri: "localhost/shop:v1" },
      }),
    );
    const digest = first.digest.slice("sha256:".length);
    assert.equal(created.State, "Pending");
    assert.equal(created.PackageType, "Image");
    assert.equal(created.CodeSize, 0);
    assert.equal(created.CodeSha256, digest);
    assert.deepEqual(
      [created.Runtime, created.Handler, created.ImageConfigResponse],
      [undefined, undefined, undefined],
    );
    await updated(client, "shop");
    const { Code } = await client.send(new GetFunctionCommand({ FunctionName: "shop" }));
    assert.deepEqual(Code, {
      RepositoryType: "ECR",
      ImageUri: "localhost/shop:v1",
      ResolvedImageUri: `localhost/shop@sha256:${digest}`,
    });
    const answer = await call(client, "shop");
    assert.deepEqual(answer.payload, ["one", "/srv", "app.handler"], answer.log);
  });
});
