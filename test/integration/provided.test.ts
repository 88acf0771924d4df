/** Functions that bring their own runtime, and an image that is built because a function wants it. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
} from "@aws-sdk/client-lambda";
import { bootstrap } from "../support/bash-bootstrap.ts";
import { call, deploy, role, updated } from "../support/functions.ts";
import { imageFolder } from "../support/image-folder.ts";
import { startTestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";

const skip = process.getuid?.() === 0 ? false : "building images needs root";
const images = skip === false ? imageFolder() : undefined;
after(() => images?.remove());

function executable(content: string): { content: string; mode: number } {
  return { content, mode: 0o100755 };
}

interface Failure {
  errorType: string;
  errorMessage: string;
}

test("provided runtimes", { skip, timeout: 180_000 }, async (context) => {
  const kiln = await startTestKiln(context, { KILN_RUNTIMES: images?.dir ?? "" });
  const client = kiln.client();
  const settings = { Runtime: "provided.al2023", Handler: "my.handler" } as const;
  const withBootstrap = async (content: string | Buffer, mode = 0o100755) => ({
    ...settings,
    Code: { ZipFile: await zipOf({ bootstrap: { content, mode } }) },
  });

  await context.test("the image is built when the first function wants it, which is Pending as long", async () => {
    const created = await client.send(
      new CreateFunctionCommand({
        FunctionName: "env",
        Role: role,
        Publish: true,
        ...(await withBootstrap(bootstrap(`env -0 | base64 -w0 | sed 's/.*/"&"/'`))),
      }),
    );
    assert.equal(created.State, "Pending");
    assert.equal(created.RuntimeVersionConfig, undefined);
    await updated(client, "env");
    const ready = await client.send(new GetFunctionConfigurationCommand({ FunctionName: "env" }));
    assert.match(
      ready.RuntimeVersionConfig?.RuntimeVersionArn ?? "",
      /^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/,
    );
    assert.match(kiln.output(), /runtime image provided\.al2023: writing the image \(\d+%\)/);
    // What was published with it has not changed since.
    const published = await client.send(new PublishVersionCommand({ FunctionName: "env" }));
    assert.equal(published.Version, "1");
  });

  await context.test("the environment is AWS's for provided runtimes", async () => {
    const answer = await call(client, "env");
    const text = Buffer.from(answer.payload as string, "base64").toString();
    const variables = Object.fromEntries(text.split("\0").map((line) => line.split(/=(.*)/s).slice(0, 2)));
    assert.equal(variables["_HANDLER"], "my.handler");
    assert.equal(variables["LAMBDA_TASK_ROOT"], "/var/task");
    assert.equal(variables["PWD"], "/var/task");
    assert.equal(variables["PATH"], "/usr/local/bin:/usr/bin/:/bin:/opt/bin");
    assert.equal(variables["AWS_LAMBDA_FUNCTION_NAME"], "env");
    for (const name of ["AWS_EXECUTION_ENV", "KILN_PREBOOT", "NODE_PATH", "PYTHONPATH"]) {
      assert.equal(variables[name], undefined, name);
    }
  });

  await context.test("a bootstrap of a layer serves where the code has none; the code's own comes first", async () => {
    const layer = await client.send(
      new PublishLayerVersionCommand({
        LayerName: "runtime",
        Content: { ZipFile: await zipOf({ bootstrap: executable(bootstrap("echo '\"layer\"'")) }) },
      }),
    );
    const Layers = [layer.LayerVersionArn ?? ""];
    await deploy(client, "layered", "", { ...settings, Layers });
    assert.equal((await call(client, "layered")).payload, "layer");
    await deploy(client, "both", "", { ...(await withBootstrap(bootstrap("echo '\"code\"'"))), Layers });
    assert.equal((await call(client, "both")).payload, "code");
  });

  const refusals: [name: string, settings: object, message: string][] = [
    ["nothing", {}, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"],
    ["forbidden", await withBootstrap(bootstrap("true"), 0o100644), "fork/exec /var/task/bootstrap: permission denied"],
    ["plain-text", await withBootstrap("echo hello\n"), "fork/exec /var/task/bootstrap: exec format error"],
    ["empty", await withBootstrap(""), "fork/exec /var/task/bootstrap: exec format error"],
    ["foreign", await withBootstrap(foreignProgram()), "fork/exec /var/task/bootstrap: exec format error"],
    [
      "no-interpreter",
      await withBootstrap("#!/bin/none\n"),
      "fork/exec /var/task/bootstrap: no such file or directory",
    ],
  ];
  for (const [name, code, message] of refusals) {
    await context.test(`a bootstrap that cannot be started (${name}) is a Runtime.InvalidEntrypoint`, async () => {
      await deploy(client, name, "", { ...settings, ...code });
      const answer = await call(client, name);
      assert.equal(answer.error, "Unhandled");
      const { errorType, errorMessage } = answer.payload as Failure;
      assert.equal(errorType, "Runtime.InvalidEntrypoint");
      assert.match(errorMessage, /^RequestId: [0-9a-f-]{36} Error: /);
      assert.equal(errorMessage.slice(errorMessage.indexOf("Error: ") + 7), message);
      assert.match(
        answer.log,
        /INIT_REPORT Init Duration: [\d.]+ ms\tPhase: invoke\tStatus: error\tError Type: Runtime\.InvalidEntrypoint/,
      );
    });
  }

  await context.test("an image whose build was killed is there after the next start", async () => {
    const code = await withBootstrap(bootstrap(`echo '"there"'`));
    const input = { FunctionName: "killed", Role: role, ...code, Runtime: "provided.al2" } as const;
    const created = await client.send(new CreateFunctionCommand(input));
    assert.equal(created.State, "Pending");
    await kiln.kill();
    await kiln.start();
    const next = kiln.client();
    await updated(next, "killed");
    assert.equal((await call(next, "killed")).payload, "there");
  });

  await context.test("a bootstrap that ends is a Runtime.ExitError, with its status", async () => {
    await deploy(kiln.client(), "ends", "", await withBootstrap("#!/bin/sh\nexit 127\n"));
    const ends = (await call(kiln.client(), "ends")).payload as Failure;
    assert.equal(ends.errorType, "Runtime.ExitError");
    assert.match(ends.errorMessage, /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 127$/);
    await deploy(kiln.client(), "stops", "", await withBootstrap("#!/bin/sh\nexit 0\n"));
    const stops = (await call(kiln.client(), "stops")).payload as Failure;
    assert.match(stops.errorMessage, /Error: Runtime exited without providing a reason$/);
  });
});

/** A program of another architecture. */
function foreignProgram(): Buffer {
  const header = Buffer.alloc(64);
  header.write("\x7fELF", "latin1");
  header.set([2, 1, 1], 4);
  header.writeUInt16LE(2, 16);
  // SPARC
  header.writeUInt16LE(43, 18);
  return header;
}
