/** The real program as it starts, with authentication: the root key, what it opens, and what stays shut without it. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  AddPermissionCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { awsCli } from "../support/aws-cli.ts";
import { deploy } from "../support/functions.ts";
import { kilnProgram, run, startTestKiln, type TestKiln } from "../support/kiln.ts";

const code =
  "export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event.requestContext ?? event) });";

const lambdaTrust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** A role that functions can have. Answers with its ARN. */
async function createRole(kiln: TestKiln, RoleName: string, AssumeRolePolicyDocument = lambdaTrust): Promise<string> {
  const { url, region, accessKeyId, secretAccessKey } = kiln.endpoint();
  const client = new IAMClient({
    endpoint: url,
    region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  try {
    const { Role } = await client.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    return Role?.Arn ?? "";
  } finally {
    client.destroy();
  }
}

async function aws(
  environment: Record<string, string>,
  ...parameters: string[]
): Promise<Record<string, Record<string, string>>> {
  const finished = await run("/usr/bin/aws", ["--output", "json", ...parameters], environment);
  assert.equal(finished.status, 0, finished.stderr);
  return (finished.stdout.trim() === "" ? {} : JSON.parse(finished.stdout)) as Record<string, Record<string, string>>;
}

function document(...statements: Record<string, unknown>[]): string {
  const whole = statements.map((one) => ({ Effect: "Allow", Resource: "*", ...one }));
  return JSON.stringify({ Version: "2012-10-17", Statement: whole });
}

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
    await deploy(client, "f", code, { Role: await createRole(kiln, "exec") });
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

    // The kiln command finds the key by the state directory, also where a shell has the address and nothing else.
    const place = { KILN_STATE: kiln.state, AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
    assert.equal((await run(kilnProgram, ["list"], place)).status, 0);
    const refugee = await run(kilnProgram, ["list"], { ...place, AWS_ACCESS_KEY_ID: "test" });
    assert.equal(refugee.status, 1);
    assert.match(refugee.stderr, /UnrecognizedClientException/);
    assert.match(refugee.stderr, /eval "\$\(kiln env\)".*--auth off/);

    const source = join(kiln.state, "hello.mjs");
    await writeFile(source, code);
    const deployed = await run(kilnProgram, ["deploy", source, "--state", kiln.state, "--json"]);
    assert.equal(deployed.status, 0, deployed.stderr);
    const hello = await client.send(new GetFunctionCommand({ FunctionName: "hello" }));
    assert.equal(hello.Configuration?.Role, "arn:aws:iam::123456789012:role/kiln-default");

    const rotated = await run(kilnProgram, ["keys", "root", "--rotate", "--state", kiln.state, "--json"]);
    assert.equal(rotated.status, 0, rotated.stderr);
    const { accessKeyId: next } = JSON.parse(rotated.stdout) as { accessKeyId: string };
    assert.notEqual(next, accessKeyId);
    await assert.rejects(client.send(get), { name: "UnrecognizedClientException" });
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
    await deploy(client, "f", code, { Role: await createRole(kiln, "exec") });
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

    await deploy(client, "g", code, { Role: "arn:aws:iam::000000000000:role/exec" });
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

  it("the AWS CLI makes a user, takes a role by profile, and a function has the credentials of its own role", async (context) => {
    const kiln = await startTestKiln(context, { KILN_AUTH: "on" });
    const cli = await awsCli(kiln);
    const asRoot = (...parameters: string[]) => aws({ ...cli.environment }, ...parameters);
    const account = "000000000000";
    await asRoot("iam", "create-user", "--user-name", "alice");
    const inline = ["--policy-name", "p", "--policy-document"];
    await asRoot("iam", "put-user-policy", "--user-name", "alice", ...inline, document({ Action: "sts:AssumeRole" }));
    const { AccessKey = {} } = await asRoot("iam", "create-access-key", "--user-name", "alice");
    const deployer = await createRole(
      kiln,
      "deployer",
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { AWS: account }, Action: "sts:AssumeRole" }],
      }),
    );
    await asRoot(
      "iam",
      "attach-role-policy",
      "--role-name",
      "deployer",
      "--policy-arn",
      "arn:aws:iam::aws:policy/AWSLambda_FullAccess",
    );
    await writeFile(
      join(kiln.state, "config"),
      `[profile deploy]\nrole_arn = ${deployer}\nsource_profile = alice\nrole_session_name = ci\n[profile alice]\n` +
        `aws_access_key_id = ${AccessKey["AccessKeyId"]}\naws_secret_access_key = ${AccessKey["SecretAccessKey"]}\n`,
    );
    const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, ...place } = cli.environment;
    // The AWS CLI keeps credentials of roles in the home directory, by the role's name.
    const environment = {
      ...place,
      HOME: kiln.state,
      AWS_CONFIG_FILE: join(kiln.state, "config"),
      AWS_PROFILE: "deploy",
    };
    const who = await aws(environment, "sts", "get-caller-identity");
    assert.equal(who["Arn"], `arn:aws:sts::${account}:assumed-role/deployer/ci`);

    const exec = await createRole(kiln, "exec");
    const other = await createRole(
      kiln,
      "other",
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
      }),
    );
    const client = kiln.client();
    await assert.rejects(deploy(client, "f", code, { Role: other }), {
      name: "InvalidParameterValueException",
      message: "The role defined for the function cannot be assumed by Lambda.",
    });
    await deploy(client, "f", "export const handler = async () => process.env;", { Role: exec });
    const out = join(kiln.state, "answer.json");
    await aws(environment, "lambda", "invoke", "--function-name", "f", out);
    const seen = JSON.parse(await readFile(out, "utf8")) as Record<string, string>;
    const ofFunction = {
      ...place,
      AWS_ACCESS_KEY_ID: seen["AWS_ACCESS_KEY_ID"] ?? "",
      AWS_SECRET_ACCESS_KEY: seen["AWS_SECRET_ACCESS_KEY"] ?? "",
      AWS_SESSION_TOKEN: seen["AWS_SESSION_TOKEN"] ?? "",
    };
    const itself = await aws(ofFunction, "sts", "get-caller-identity");
    assert.equal(itself["Arn"], `arn:aws:sts::${account}:assumed-role/exec/f`);
    const refused = await run("/usr/bin/aws", ["lambda", "list-functions"], ofFunction);
    assert.match(
      refused.stderr,
      /AccessDeniedException.*because no identity-based policy allows the lambda:ListFunctions action/,
    );
    await asRoot(
      "iam",
      "put-role-policy",
      "--role-name",
      "exec",
      ...inline,
      document({ Action: "lambda:ListFunctions" }),
    );
    await aws(ofFunction, "lambda", "list-functions");

    // Identities are on disk: a killed Kiln has them again, and their keys open with the same secret.
    await kiln.kill();
    await kiln.start();
    const again = {
      ...environment,
      AWS_ENDPOINT_URL: kiln.endpoint().url,
      AWS_DATA_PATH: join(kiln.state, "aws-data"),
    };
    assert.equal(
      (await aws(again, "sts", "get-caller-identity"))["Arn"],
      `arn:aws:sts::${account}:assumed-role/deployer/ci`,
    );
    const after = await awsCli(kiln);
    await aws({ ...after.environment }, "iam", "delete-role-policy", "--role-name", "exec", "--policy-name", "p");
    await aws({ ...after.environment }, "iam", "delete-role", "--role-name", "exec");
    const ended = await run("/usr/bin/aws", ["sts", "get-caller-identity"], {
      ...ofFunction,
      AWS_ENDPOINT_URL: kiln.endpoint().url,
    });
    assert.match(ended.stderr, /InvalidClientTokenId/);
  });
});
