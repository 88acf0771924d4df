/** Functions of container images out of registries: names of ECR, a Kiln that is killed in the middle, Go and Node.js. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import {
  CreateFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { bootstrapFiles } from "../../src/artifacts/runtimes/recipe.ts";
import { runtimePrograms } from "../../tools/runtime-programs.ts";
import { userSpace, writeLayout, type LayoutOptions } from "../support/container-image.ts";
import { call, role, updated } from "../support/functions.ts";
import { startTestKiln, type TestKiln } from "../support/kiln.ts";
import { basicAuth, push, startRegistry, user, withoutRegistry } from "../support/registry.ts";
import { tarOf } from "../support/tar.ts";

const root = process.getuid?.() === 0;
const ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

function folder(context: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "kiln-pull-"));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function create(client: LambdaClient, name: string, uri: string, memory = 128): Promise<void> {
  await client.send(
    new CreateFunctionCommand({
      FunctionName: name,
      PackageType: "Image",
      Role: role,
      MemorySize: memory,
      Code: { ImageUri: uri },
    }),
  );
}

const programs = runtimePrograms.find(({ name }) => name === "go") ?? assert.fail("go");
const noGo = await programs.absent();
const executable = (name: string, content: Buffer) => ({ name, content, mode: 0o755 });

/** A program without libraries, and nothing else at all. */
async function goImage(): Promise<LayoutOptions> {
  const content = readFileSync(join(await programs.prepare(), "bootstrap"));
  return { layers: [gzipSync(tarOf([executable("main", content)]))], config: { Entrypoint: ["/main"] } };
}

/** As AWS's base images are made: the language, the bootstrap, and the function on top. */
function nodeImage(): LayoutOptions {
  const bootstrap = bootstrapFiles("nodejs").map(({ name, path }) =>
    executable(`var/runtime/${name}`, readFileSync(path)),
  );
  const handler =
    "export const handler = async (event) => ({ event, node: process.version, directory: process.cwd() });";
  return {
    layers: [
      userSpace(),
      gzipSync(tarOf([executable("var/lang/bin/node", readFileSync(process.execPath))]), { level: 1 }),
      tarOf(bootstrap),
      tarOf([{ name: "var/task/app.mjs", content: handler }]),
    ],
    config: {
      Entrypoint: ["/bin/sh", "-c", 'export _HANDLER="$0"; exec /var/runtime/bootstrap'],
      Cmd: ["app.handler"],
      WorkingDir: "/var/task",
      Env: ["PATH=/var/lang/bin:/usr/bin:/bin", "LAMBDA_TASK_ROOT=/var/task", "LAMBDA_RUNTIME_DIR=/var/runtime"],
    },
  };
}

test(
  "images of a registry",
  { skip: root ? withoutRegistry : "jails need root", timeout: 240_000 },
  async (context) => {
    const dir = folder(context);
    const storage = join(dir, "storage");
    const open = await startRegistry(context, storage);
    const publish = async (name: string, options: LayoutOptions) => {
      const { digest } = writeLayout(join(dir, name), options);
      await push(open, name, join(dir, name));
      return digest;
    };
    const closed = await startRegistry(context, storage, basicAuth);
    const credentials = join(dir, "config.json");
    const login = (password: string) => {
      const auth = Buffer.from(`${user.name}:${password}`).toString("base64");
      writeFileSync(credentials, JSON.stringify({ auths: { [closed.host]: { auth } } }));
    };
    login(user.password);
    const kiln = await startTestKiln(context, {
      KILN_REGISTRIES: `*.dkr.ecr.*.amazonaws.com=${closed.url}`,
      KILN_REGISTRY_CONFIG: credentials,
    });
    const client = kiln.client();

    await context.test("a program in Go and nothing else", { skip: noGo ?? false }, async () => {
      const digest = await publish("go", await goImage());
      await create(client, "go", `${ECR}/go:latest`);
      await updated(client, "go");
      assert.deepEqual((await call(client, "go", { a: 1 })).payload, { echo: { a: 1 } });
      const { Code } = await client.send(new GetFunctionCommand({ FunctionName: "go" }));
      assert.equal(Code?.ResolvedImageUri, `${ECR}/go@${digest}`);
      const { payload } = await call(client, "go", { do: "environment" });
      assert.equal((payload as { directory: string }).directory, "/");
    });

    await context.test("a function in Node.js as AWS's base images have it", async () => {
      await publish("node", nodeImage());
      await create(client, "node", `${ECR}/node:latest`, 512);
      await updated(client, "node");
      assert.deepEqual((await call(client, "node", { a: 1 })).payload, {
        event: { a: 1 },
        node: process.version,
        directory: "/var/task",
      });
    });

    await context.test("what the registry refuses is refused", async () => {
      login("wrong");
      await assert.rejects(create(client, "denied", `${ECR}/node:latest`), {
        name: "AccessDeniedException",
        message: "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
      });
      login(user.password);
      await assert.rejects(create(client, "denied", "ghcr.io/team/node:latest"), {
        name: "InvalidParameterValueException",
        message: /is not valid\. Provide a valid source image\. Kiln pulls no images from ghcr\.io: KILN_REGISTRIES/,
      });
    });

    await context.test("a registry that is gone is no matter for what has been pulled", async () => {
      await closed.stop();
      await open.stop();
      await kiln.kill();
      await kiln.start();
      assert.deepEqual(((await call(kiln.client(), "node", { b: 2 })).payload as { event: unknown }).event, { b: 2 });
      await assert.rejects(create(kiln.client(), "late", `${ECR}/node:latest`), {
        name: "ServiceException",
        message: /could not be read\. The registry 127\.0\.0\.1:\d+ cannot be reached/,
      });
    });
  },
);

/** Serves the image of a layout; `change` may answer itself, or hold the answer back. */
async function serve(context: TestContext, dir: string, digest: string, change: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    change(request, response);
    if (response.headersSent || response.writableEnded) return;
    const name = (request.url ?? "").split("/").at(-1) ?? "";
    const isManifest = request.url?.includes("/manifests/") === true;
    if (isManifest) response.setHeader("content-type", "application/vnd.oci.image.manifest.v1+json");
    response.end(readFileSync(join(dir, "blobs/sha256", (name === "latest" ? digest : name).slice("sha256:".length))));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stateOf(kiln: TestKiln, name: string): Promise<string | undefined> {
  return (await kiln.client().send(new GetFunctionConfigurationCommand({ FunctionName: name }))).State;
}

test(
  "a Kiln that is stopped or killed while it pulls goes on where it was",
  { skip: root ? false : "jails need root", timeout: 120_000 },
  async (context) => {
    const dir = folder(context);
    const script = `#!/bin/bash
API="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  ID=$(curl -sS -D - -o /dev/null "$API/next" | grep -i '^lambda-runtime-aws-request-id:' | tr -d '[:space:]' | cut -d: -f2)
  curl -sS -d '"whole"' -o /dev/null "$API/$ID/response"
done
`;
    const { digest, layers } = writeLayout(dir, {
      layers: [userSpace(), tarOf([executable("run", Buffer.from(script))])],
      config: { Entrypoint: ["/run"] },
    });
    const asked: string[] = [];
    /** Resolved when the registry has stopped in the middle of the layer; as often as it is to do so. */
    const held = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let starts = 0;
    const url = await serve(context, dir, digest, (request, response) => {
      const blob = layers.findIndex((layer) => request.url?.endsWith(layer) === true);
      if (blob < 0) return;
      asked.push(`layer ${blob}`);
      const hold = blob === 1 ? held[starts] : undefined;
      if (hold === undefined) return;
      // Half of it, and then nothing more.
      response.writeHead(200, { "content-length": 2048 });
      response.write(Buffer.alloc(1000));
      hold.resolve();
    });
    const kiln = await startTestKiln(context, { KILN_REGISTRIES: `registry.example=${url}` });
    await create(kiln.client(), "slow", "registry.example/slow:latest");
    for (const [index, end] of [() => kiln.stop(), () => kiln.kill()].entries()) {
      // oxlint-disable-next-line no-await-in-loop -- One after the other.
      await held[index]?.promise;
      // oxlint-disable-next-line no-await-in-loop -- One after the other.
      assert.equal(await stateOf(kiln, "slow"), "Pending");
      // oxlint-disable-next-line no-await-in-loop -- One after the other.
      await end();
      starts += 1;
      // oxlint-disable-next-line no-await-in-loop -- One after the other.
      await kiln.start();
    }
    await updated(kiln.client(), "slow");
    assert.equal((await call(kiln.client(), "slow")).payload, "whole");
    assert.ok(asked.filter((layer) => layer === "layer 1").length >= 3, asked.join());
  },
);
