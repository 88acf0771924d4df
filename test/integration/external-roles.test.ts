/** Roles of functions taken at a token service that others wrote: what a function gets there is good there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { withoutMoto } from "../../tools/moto.ts";
import { call, deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";
import { startMoto } from "../support/moto.ts";

const without = await withoutMoto();
const options = { skip: without ?? false, timeout: 120_000 };

test("a function has a session of its role at the configured token service", options, async (context) => {
  const moto = await startMoto(context);
  const kiln = await startTestKiln(context, {
    KILN_AUTH: "on",
    KILN_ACCOUNT: "123456789012",
    KILN_STS_ENDPOINT: moto.endpoint,
    AWS_ACCESS_KEY_ID: "kiln",
    AWS_SECRET_ACCESS_KEY: "kiln",
    AWS_SESSION_TOKEN: "",
  });
  const Role = "arn:aws:iam::123456789012:role/at-aws";
  const client = kiln.client();
  await deploy(client, "f", "export const handler = async () => process.env;", { Role });
  const environment = (await call(client, "f")).payload as Record<string, string>;
  const sts = new STSClient({
    endpoint: moto.endpoint,
    region: "us-east-1",
    credentials: {
      accessKeyId: environment["AWS_ACCESS_KEY_ID"] ?? "",
      secretAccessKey: environment["AWS_SECRET_ACCESS_KEY"] ?? "",
      sessionToken: environment["AWS_SESSION_TOKEN"] ?? "",
    },
  });
  context.after(() => sts.destroy());
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  assert.equal(Arn, "arn:aws:sts::123456789012:assumed-role/at-aws/f");
  // Here those credentials are nobody's.
  const here = new STSClient({
    endpoint: kiln.endpoint().url,
    region: "us-east-1",
    credentials: sts.config.credentials,
  });
  context.after(() => here.destroy());
  await assert.rejects(here.send(new GetCallerIdentityCommand({})), { name: "InvalidClientTokenId" });

  await moto.stop();
  assert.deepEqual(
    ((await call(client, "f")).payload as Record<string, string>)["AWS_ACCESS_KEY_ID"],
    environment["AWS_ACCESS_KEY_ID"],
  );
  await assert.rejects(deploy(client, "g", "export const handler = async () => 1;", { Role }), {
    name: "ServiceException",
    message: /token service did not answer/,
  });
  await client.send(new InvokeCommand({ FunctionName: "f" }));
});
