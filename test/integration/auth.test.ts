/** The real program with `--auth on`: the root key, what it opens, and what stays shut without it. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  AddPermissionCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { awsCli } from "../support/aws-cli.ts";
import { deploy } from "../support/functions.ts";
import { kilnProgram, run, startTestKiln } from "../support/kiln.ts";

const code =
  "export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event.requestContext ?? event) });";

describe("authentication", { timeout: 180_000 }, () => {
  it("the root key opens everything, is in a file of its own, and rotates while Kiln runs", async (context) => {
    const kiln = await startTestKiln(context, { KILN_AUTH: "on", KILN_ACCOUNT: "123456789012" });
    for (const file of ["root-key.json", "endpoint.json"]) {
      assert.equal(statSync(join(kiln.state, file)).mode & 0o777, 0o600, file);
    }
    const client = kiln.client();
    const { url, region, accessKeyId } = kiln.endpoint();
    const other = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
      new LambdaClient({ endpoint: url, region, credentials, maxAttempts: 1 });
    const get = new GetFunctionCommand({ FunctionName: "f" });
    await deploy(client, "f", code);
    await assert.rejects(other({ accessKeyId: "123456789012", secretAccessKey: "any" }).send(get), {
      name: "UnrecognizedClientException",
    });
    await assert.rejects(other({ accessKeyId, secretAccessKey: "guess" }).send(get), {
      name: "InvalidSignatureException",
    });
    assert.equal((await fetch(`${url}/2015-03-31/functions`)).status, 403);

    const cli = await awsCli(kiln);
    assert.equal(cli.environment["AWS_ACCESS_KEY_ID"], accessKeyId);
    const listed = await cli.answer("list-functions");
    assert.equal((listed["Functions"] as unknown[]).length, 1);

    const rotated = await run(kilnProgram, ["keys", "root", "--rotate", "--state", kiln.state, "--json"]);
    assert.equal(rotated.status, 0, rotated.stderr);
    const { accessKeyId: next } = JSON.parse(rotated.stdout) as { accessKeyId: string };
    assert.notEqual(next, accessKeyId);
    await assert.rejects(client.send(get), { name: "UnrecognizedClientException" });
    assert.notEqual((await cli.call("list-functions")).status, 0);
    assert.equal((await awsCli(kiln)).environment["AWS_ACCESS_KEY_ID"], next);

    // Killed, and its key lost: another start makes another key, and what was stored is there.
    await kiln.kill();
    await run("rm", [join(kiln.state, "root-key.json")]);
    await kiln.start();
    assert.notEqual(kiln.endpoint().accessKeyId, next);
    const { Configuration } = await kiln.client().send(get);
    assert.equal(Configuration?.FunctionArn, "arn:aws:lambda:us-east-1:123456789012:function:f");
  });

  it("a function URL is open to everyone only where its policy says so, and to the root where it asks for IAM", async (context) => {
    const kiln = await startTestKiln(context, { KILN_AUTH: "on" });
    const client = kiln.client();
    await deploy(client, "f", code);
    const { FunctionUrl = "" } = await client.send(
      new CreateFunctionUrlConfigCommand({ FunctionName: "f", AuthType: "NONE" }),
    );
    const address = `${kiln.endpoint().url}/_kiln/url/${new URL(FunctionUrl).hostname.split(".")[0]}/a`;
    assert.equal((await fetch(address)).status, 403);
    const open = { FunctionName: "f", Principal: "*" };
    await client.send(
      new AddPermissionCommand({
        ...open,
        StatementId: "url",
        Action: "lambda:InvokeFunctionUrl",
        FunctionUrlAuthType: "NONE",
      }),
    );
    assert.equal((await fetch(address)).status, 403, "one of two permissions");
    await client.send(
      new AddPermissionCommand({
        ...open,
        StatementId: "call",
        Action: "lambda:InvokeFunction",
        InvokedViaFunctionUrl: true,
      }),
    );
    const answer = await fetch(address);
    assert.equal(answer.status, 200);
    assert.equal(((await answer.json()) as { authorizer?: unknown }).authorizer, undefined);

    await deploy(client, "g", code);
    const own = await client.send(new CreateFunctionUrlConfigCommand({ FunctionName: "g", AuthType: "AWS_IAM" }));
    const closed = `${kiln.endpoint().url}/_kiln/url/${new URL(own.FunctionUrl ?? "").hostname.split(".")[0]}/b`;
    assert.equal((await fetch(closed)).status, 403);
    const { accessKeyId, secretAccessKey, region } = kiln.endpoint();
    const curl = await run("curl", [
      "-s",
      "--user",
      `${accessKeyId}:${secretAccessKey}`,
      "--aws-sigv4",
      `aws:amz:${region}:lambda`,
      closed,
    ]);
    const { authorizer } = JSON.parse(curl.stdout) as { authorizer: { iam: Record<string, unknown> } };
    assert.equal(authorizer.iam["userArn"], "arn:aws:iam::000000000000:root");
    assert.equal(authorizer.iam["accessKey"], accessKeyId);
  });
});
