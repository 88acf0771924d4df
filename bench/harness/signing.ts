/** Signed load: an identity that may call. */
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
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
