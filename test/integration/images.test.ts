/** Functions of container images, from images on disk: no registry is needed for these. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetRuntimeManagementConfigCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type CreateFunctionCommandInput,
  type FunctionConfiguration,
  type ImageConfig,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { bootstrap } from "../support/bash-bootstrap.ts";
import { awsCli } from "../support/aws-cli.ts";
import { userSpace, writeLayout, type Layer } from "../support/container-image.ts";
import { call, role, updated } from "../support/functions.ts";
import { kilnProgram, run, startTestKiln, type TestKiln } from "../support/kiln.ts";
import { DIRECTORY, SYMLINK, tarOf } from "../support/tar.ts";

const skip = process.getuid?.() === 0 ? false : "jails need root";

const program = (answer: string) => ({ name: "usr/local/bin/run", content: bootstrap(answer), mode: 0o755 });

function folder(context: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "kiln-images-"));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

interface Failure {
  errorType: string;
  errorMessage: string;
}

const image = (name: string, more: Partial<CreateFunctionCommandInput> = {}): CreateFunctionCommandInput => ({
  FunctionName: name,
  PackageType: "Image",
  Role: role,
  Code: { ImageUri: `localhost/${name}:latest` },
  ...more,
});

/** What `kiln deploy --image` says that it has done. */
async function deploy(kiln: TestKiln, ...more: string[]): Promise<string> {
  const parameters = ["deploy", "--image", "localhost/shop:latest", "--json", ...more];
  const { status, stdout, stderr } = await run(kilnProgram, parameters, { KILN_STATE: kiln.state });
  assert.equal(status, 0, stderr);
  return (JSON.parse(stdout) as { action: string }).action;
}

/** Resolves when the preparation is over, whatever came of it. */
async function settled(client: LambdaClient, name: string): Promise<FunctionConfiguration> {
  for (;;) {
    const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    if (found.State !== "Pending" && found.LastUpdateStatus !== "InProgress") return found;
    await sleep(20);
  }
}

test("a function of a container image", { skip, timeout: 180_000 }, async (context) => {
  const images = folder(context);
  const shop = join(images, "shop");
  const show = `printf '["%s","%s","%s","%s"]' "$VERSION" "$PWD" "$*" "$(id -u)"`;
  const config = {
    Entrypoint: ["run"],
    Cmd: ["app.handler"],
    WorkingDir: "/srv",
    User: "root",
    Env: ["PATH=/usr/local/bin:/usr/bin:/bin", "COLOUR=red", "TASTE=image", "AWS_REGION=nowhere", "odd.name=1"],
  };
  const layers = (version: string): Layer[] => [
    userSpace(),
    gzipSync(tarOf([{ name: "srv", type: DIRECTORY }, program(show)])),
    zstdCompressSync(
      tarOf([
        { name: "srv/app", type: DIRECTORY },
        { name: "srv/version", content: version },
      ]),
    ),
  ];
  const first = writeLayout(shop, {
    tag: "latest",
    layers: layers("1"),
    config: { ...config, Env: [...config.Env, "VERSION=1"] },
  });
  const kiln = await startTestKiln(context, { KILN_IMAGES: images });
  const client = kiln.client();
  const aws = await awsCli(kiln);

  await context.test("is created by the AWS CLI, prepared and called", async () => {
    const created = (await aws.answer(
      "create-function",
      "--function-name=shop",
      "--package-type=Image",
      `--role=${role}`,
      "--code=ImageUri=localhost/shop:latest",
      "--environment=Variables={TASTE=function}",
    )) as FunctionConfiguration;
    const digest = first.digest.slice("sha256:".length);
    assert.equal(created.State, "Pending");
    assert.equal(created.PackageType, "Image");
    assert.equal(created.CodeSize, 0);
    assert.equal(created.CodeSha256, digest);
    assert.deepEqual(
      [created.Runtime, created.Handler, created.ImageConfigResponse],
      [undefined, undefined, undefined],
    );
    await aws.answer("wait", "function-active-v2", "--function-name", "shop");
    const { Code } = await client.send(new GetFunctionCommand({ FunctionName: "shop" }));
    assert.deepEqual(Code, {
      RepositoryType: "ECR",
      ImageUri: "localhost/shop:latest",
      ResolvedImageUri: `localhost/shop@sha256:${digest}`,
    });
    const answer = await call(client, "shop");
    assert.deepEqual(answer.payload, ["1", "/srv", "app.handler", "993"], answer.log);
    // AWS says nothing of a runtime's version there.
    assert.doesNotMatch(answer.log, /INIT_START/);
    assert.match(answer.log, /^START RequestId/);
  });

  await context.test("runs what ImageConfig says, and what a new image says once it is given up", async () => {
    const change = (ImageConfig: ImageConfig) =>
      client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "shop", ImageConfig }));
    const changed = await change({ Command: ["other.handler", "more"], WorkingDirectory: "/srv/app" });
    assert.deepEqual(changed.ImageConfigResponse?.ImageConfig, {
      Command: ["other.handler", "more"],
      WorkingDirectory: "/srv/app",
    });
    await updated(client, "shop");
    assert.deepEqual((await call(client, "shop")).payload, ["1", "/srv/app", "other.handler more", "993"]);

    await change({ EntryPoint: ["/usr/local/bin/run"] });
    await updated(client, "shop");
    assert.deepEqual((await call(client, "shop")).payload, ["1", "/srv", "", "993"]);

    await change({});
    await updated(client, "shop");
    writeLayout(shop, { layers: layers("2"), config: { ...config, Env: [...config.Env, "VERSION=2"] } });
    // The tag leads elsewhere now; the function does not, until somebody says so.
    assert.deepEqual((await call(client, "shop")).payload, ["1", "/srv", "app.handler", "993"]);
    const { Version } = await client.send(new PublishVersionCommand({ FunctionName: "shop" }));
    const after = await client.send(
      new UpdateFunctionCodeCommand({ FunctionName: "shop", ImageUri: "localhost/shop:latest" }),
    );
    assert.notEqual(after.CodeSha256, first.digest.slice("sha256:".length));
    await updated(client, "shop");
    assert.deepEqual((await call(client, "shop")).payload, ["2", "/srv", "app.handler", "993"]);
    const { payload } = await call(client, "shop", {}, { Qualifier: Version });
    assert.deepEqual(payload, ["1", "/srv", "app.handler", "993"]);
  });

  await context.test("is deployed by kiln, which says whether anything has changed", async () => {
    assert.equal(await deploy(kiln, "--name", "deployed"), "created");
    assert.deepEqual((await call(client, "deployed")).payload, ["2", "/srv", "app.handler", "993"]);
    assert.equal(await deploy(kiln, "--name", "deployed"), "unchanged");
    // The name is the image's.
    assert.equal(await deploy(kiln, "--memory", "256"), "updated");
  });

  await context.test("its variables are those of the image, of the function, and AWS's, in that order", async () => {
    writeLayout(join(images, "env"), {
      layers: [userSpace(), tarOf([program("env -0 | base64 -w0 | sed 's/.*/\"&\"/'")])],
      config: { ...config, Cmd: [] },
    });
    await client.send(new CreateFunctionCommand(image("env", { Environment: { Variables: { TASTE: "function" } } })));
    await updated(client, "env");
    const { payload, log } = await call(client, "env");
    assert.equal(typeof payload, "string", log);
    const text = Buffer.from(payload as string, "base64").toString();
    const variables = Object.fromEntries(text.split("\0").map((line) => line.split(/=(.*)/s).slice(0, 2))) as Record<
      string,
      string
    >;
    const expected = {
      COLOUR: "red",
      TASTE: "function",
      AWS_REGION: "us-east-1",
      AWS_EXECUTION_ENV: "AWS_Lambda_Image",
      AWS_LAMBDA_FUNCTION_NAME: "env",
      _HANDLER: "",
      LAMBDA_TASK_ROOT: "/var/task",
      PATH: config.Env[0]?.slice("PATH=".length),
    };
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, variables[name]])), expected);
    assert.deepEqual(
      [variables["LANG"], variables["TZ"], variables["LD_LIBRARY_PATH"]],
      [undefined, undefined, undefined],
    );
  });

  await context.test("external extensions of the image start before it", async () => {
    const extension = `#!/bin/bash
API="http://$AWS_LAMBDA_RUNTIME_API/2020-01-01/extension"
ID=$(curl -sS -D - -o /dev/null -H 'Lambda-Extension-Name: watch' -d '{"events":["INVOKE"]}' "$API/register" |
  grep -i '^lambda-extension-identifier:' | tr -d '[:space:]' | cut -d: -f2)
echo watching >/tmp/watching
while true; do curl -sS -H "Lambda-Extension-Identifier: $ID" "$API/event/next" >/dev/null; done
`;
    writeLayout(join(images, "watched"), {
      layers: [
        userSpace(),
        tarOf([
          program(`printf '"%s in %s"' "$(cat /tmp/watching)" "$PWD"`),
          { name: "opt/extensions/watch", content: extension, mode: 0o755 },
        ]),
      ],
      config: { ...config, WorkingDir: "/usr/local" },
    });
    await client.send(new CreateFunctionCommand(image("watched")));
    await updated(client, "watched");
    assert.equal((await call(client, "watched")).payload, "watching in /usr/local");
  });

  await context.test("AWS's base images begin with a script that starts the bootstrap", async () => {
    const entrypoint = `#!/bin/sh
if [ $# -ne 1 ]; then
  echo "entrypoint requires the handler name to be the first argument" 1>&2
  exit 142
fi
export _HANDLER="$1"
if [ -z "$AWS_LAMBDA_RUNTIME_API" ]; then exec /usr/local/bin/aws-lambda-rie /var/runtime/bootstrap; fi
exec /var/runtime/bootstrap
`;
    writeLayout(join(images, "base"), {
      layers: [
        userSpace(),
        tarOf([
          { name: "lambda-entrypoint.sh", content: entrypoint, mode: 0o755 },
          { ...program(`printf '"%s"' "$_HANDLER"`), name: "var/runtime/bootstrap" },
        ]),
      ],
      config: { Entrypoint: ["/lambda-entrypoint.sh"], Cmd: ["index.handler"], WorkingDir: "/var/task" },
    });
    await client.send(new CreateFunctionCommand(image("base", { ImageConfig: { WorkingDirectory: "/" } })));
    await updated(client, "base");
    assert.equal((await call(client, "base")).payload, "index.handler");
  });

  await context.test("whatever the image has where the jail is made, the jail is the jail", async () => {
    const marker = "kiln-image-marker-8153";
    const look = `printf '["%s","%s","%s","%s","%s","%s"]' \
      "$(touch /tmp/here && stat -c %F /tmp /proc /dev /etc/resolv.conf | paste -sd,)" \
      "$(stat -c %a /sbin-set)" "$(ls /dev | paste -sd,)" "$(touch /usr/x 2>&1 | grep -o 'Read-only file system')" \
      "$(cat /proc/1/comm)" "$(cat /out 2>&1 | grep -o 'No such file')"`;
    const secret = join(images, "outside");
    writeFileSync(secret, "of the host");
    writeLayout(join(images, "hostile"), {
      layers: [
        userSpace(),
        tarOf([
          { name: "proc", type: SYMLINK, target: "/etc" },
          { name: "dev", type: SYMLINK, target: "/usr" },
          { name: "tmp", type: SYMLINK, target: images },
          { name: "etc/resolv.conf", type: SYMLINK, target: "/etc/shadow" },
          { name: ".kiln", type: SYMLINK, target: images },
          { name: "out", type: SYMLINK, target: `${"../".repeat(20)}${secret.slice(1)}` },
          { name: "usr/bin/tini", content: "#!/bin/sh\nexit 9\n", mode: 0o755 },
          { name: "sbin-set", content: marker, mode: 0o6755 },
          { name: "disk", type: "4" },
        ]),
        tarOf([program(look)]),
      ],
      config: { ...config, WorkingDir: "/" },
    });
    await client.send(new CreateFunctionCommand(image("hostile")));
    await updated(client, "hostile");
    const { payload, log } = await call(client, "hostile");
    assert.ok(Array.isArray(payload), log);
    const [kinds, mode, devices, readOnly, first, out] = payload as string[];
    assert.match(kinds ?? "", /^directory,directory,directory,regular( empty)? file$/);
    assert.deepEqual([mode, readOnly, first, out], ["755", "Read-only file system", "init", "No such file"]);
    assert.doesNotMatch(devices ?? "", /disk|sd|mem/);
    assert.equal(existsSync(join(images, "here")), false);
    // Nothing of an image is on the disk in the clear.
    for (const entry of readdirSync(kiln.state, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      assert.equal(readFileSync(join(entry.parentPath, entry.name)).includes(marker), false, entry.name);
    }
  });

  await context.test("what cannot be started fails in AWS's words", async () => {
    writeLayout(join(images, "wrong"), { layers: [userSpace(), tarOf([{ name: "plain", content: "x" }])] });
    for (const [config, type, message] of [
      [{ EntryPoint: ["/nothing"] }, "Runtime.InvalidEntrypoint", "fork/exec /nothing: no such file or directory"],
      [{ EntryPoint: ["/plain"] }, "Runtime.InvalidEntrypoint", "fork/exec /plain: permission denied"],
      [
        { EntryPoint: ["/bin/true"], WorkingDirectory: "/no/where" },
        "Runtime.InvalidWorkingDir",
        "chdir /no/where: no such file or directory",
      ],
      [{ EntryPoint: ["/bin/false"] }, "Runtime.ExitError", "Runtime exited with error: exit status 1"],
    ] as const) {
      await client.send(
        new CreateFunctionCommand(image("wrong", { ImageConfig: { ...config, EntryPoint: [...config.EntryPoint] } })),
      );
      await updated(client, "wrong");
      const answer = await call(client, "wrong");
      const { errorType, errorMessage } = answer.payload as Failure;
      assert.equal(errorType, type, answer.log);
      assert.match(errorMessage, /^RequestId: \S+ Error: /);
      assert.equal(errorMessage.split(" Error: ")[1], message);
      await client.send(new DeleteFunctionCommand({ FunctionName: "wrong" }));
    }
  });

  await context.test("an image without anything to run, or with layers that are not there, is Failed", async () => {
    writeLayout(join(images, "nothing"), { layers: [tarOf([])] });
    await client.send(new CreateFunctionCommand(image("nothing")));
    const nothing = await settled(client, "nothing");
    assert.deepEqual([nothing.State, nothing.StateReasonCode], ["Failed", "InvalidImage"]);
    assert.match(nothing.StateReason ?? "", /neither an entry point nor a command/);

    writeLayout(join(images, "lying"), { layers: [tarOf([])], config, diffIds: [`sha256:${"0".repeat(64)}`] });
    await client.send(new CreateFunctionCommand(image("lying")));
    assert.equal((await settled(client, "lying")).StateReasonCode, "InvalidImage");

    const gone = writeLayout(join(images, "gone"), { layers: [tarOf([{ name: "gone" }])], config });
    rmSync(join(images, "gone/blobs/sha256", gone.layers[0]?.slice("sha256:".length) ?? ""));
    await client.send(new CreateFunctionCommand(image("gone")));
    assert.equal((await settled(client, "gone")).StateReasonCode, "ImageDeleted");
    await assert.rejects(call(client, "gone"), { name: "ResourceConflictException" });
  });

  await context.test("refuses what an image cannot have", async () => {
    const input = image("refused");
    const uri = "localhost/shop:latest";
    const provided =
      "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.";
    for (const [change, message] of [
      [{ Handler: "x" }, provided],
      [{ Runtime: "nodejs24.x" }, provided],
      [{ Layers: ["arn:aws:lambda:us-east-1:000000000000:layer:l:1"] }, provided],
      [
        { Code: { ImageUri: "localhost/nothere:v1" } },
        "Source image localhost/nothere:v1 does not exist. Provide a valid source image.",
      ],
      [
        { Code: { ImageUri: "localhost/shop:v9" } },
        "Source image localhost/shop:v9 does not exist. Provide a valid source image.",
      ],
      [
        { Code: { ImageUri: "localhost/shop" } },
        "Source image localhost/shop is not valid. Provide a valid source image.",
      ],
      [
        { Code: { ZipFile: Buffer.from("x") } },
        "Please provide ImageUri when the intended function PackageType is Image.",
      ],
      [
        { Code: { ImageUri: uri }, PackageType: "Zip", Runtime: "nodejs24.x", Handler: "x.y" },
        "Please do not provide ImageUri when the intended function PackageType is Zip.",
      ],
      [
        { SnapStart: { ApplyOn: "PublishedVersions" } },
        "SnapStart is not supported for functions created with container images.",
      ],
      [
        { CodeSigningConfigArn: "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-0123456789abcdef0" },
        "Code signing is not supported for functions created with container images.",
      ],
    ] as const) {
      const asked = { ...input, ...(change as unknown as Partial<CreateFunctionCommandInput>) };
      if (asked.Layers) asked.Layers = [...asked.Layers];
      await assert.rejects(
        client.send(
          new CreateFunctionCommand({ ...asked, Code: { ...asked.Code, ...(change as { Code?: object }).Code } }),
        ),
        {
          name: "InvalidParameterValueException",
          message,
        },
      );
    }
    for (const [command, message] of [
      [
        new UpdateFunctionCodeCommand({ FunctionName: "shop", ZipFile: Buffer.from("x") }),
        "Please provide ImageUri when updating a function with packageType Image.",
      ],
      [
        new UpdateFunctionConfigurationCommand({ FunctionName: "shop", Handler: "x.y" }),
        "The Runtime and Handler parameters are not supported for functions created with container images.",
      ],
      [
        new UpdateFunctionConfigurationCommand({
          FunctionName: "shop",
          Layers: ["arn:aws:lambda:us-east-1:000000000000:layer:l:1"],
        }),
        "Lambda layers are not supported for functions created with container images.",
      ],
      [
        new GetFunctionCodeSigningConfigCommand({ FunctionName: "shop" }),
        "Code signing is not supported for functions created with container images.",
      ],
      [
        new GetRuntimeManagementConfigCommand({ FunctionName: "shop" }),
        "Runtime management is not supported for functions created with container images.",
      ],
    ] as const) {
      await assert.rejects(client.send(command as GetFunctionCommand), {
        name: "InvalidParameterValueException",
        message,
      });
    }
  });

  await context.test("goes on after a restart, without the place that it came from", async () => {
    await kiln.kill();
    rmSync(images, { recursive: true, force: true });
    await kiln.start();
    const again = kiln.client();
    assert.deepEqual((await call(again, "shop")).payload, ["2", "/srv", "app.handler", "993"]);
    await again.send(new DeleteFunctionCommand({ FunctionName: "shop" }));
  });
});
