/** Signed load: an identity that may call, and headers that are good for one payload over and over. */
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { HttpRequest } from "@smithy/core/transport";
import type { Keys, RunningKiln } from "../processes.ts";

const region = "us-east-1";

function statements(...all: Record<string, unknown>[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: all.map((one) => ({ Effect: "Allow", ...one })) });
}

/** The role of the function, and a user that may call it. */
export async function makeIdentities({ port, keys }: RunningKiln): Promise<Keys> {
  const iam = new IAMClient({ endpoint: `http://127.0.0.1:${port}`, region, credentials: keys });
  try {
    const trust = statements({ Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" });
    await iam.send(new CreateRoleCommand({ RoleName: "bench", AssumeRolePolicyDocument: trust }));
    await iam.send(new CreateUserCommand({ UserName: "caller" }));
    const policy = statements(
      { Action: "logs:*", Resource: "*" },
      {
        Action: "lambda:Invoke*",
        Resource: "arn:aws:lambda:*:*:function:*",
        Condition: { IpAddress: { "aws:SourceIp": "127.0.0.0/8" } },
      },
    );
    await iam.send(new PutUserPolicyCommand({ UserName: "caller", PolicyName: "call", PolicyDocument: policy }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "caller" }));
    return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  } finally {
    iam.destroy();
  }
}

/** Headers as the SDK would send them, but for those that the load tool has itself. A signature is good for five minutes. */
export async function signedHeaders(port: number, credentials: Keys, path: string, payload: string): Promise<string> {
  const client = new LambdaClient({ region, credentials });
  const signer = await client.config.signer({
    signingRegion: region,
    signingName: "lambda",
    name: "sigv4",
    properties: {},
  });
  const host = `127.0.0.1:${port}`;
  const headers = { host, "content-type": "application/json" };
  const request = new HttpRequest({ method: "POST", hostname: host, path, headers, body: payload });
  const signed = await signer.sign(request, { signingRegion: region, signingService: "lambda" });
  client.destroy();
  return Object.entries(signed.headers)
    .filter(([name]) => !["host", "content-type", "content-length"].includes(name.toLowerCase()))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
}
