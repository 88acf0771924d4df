import type { LambdaClient } from "@aws-sdk/client-lambda";

/**
 * The role that nothing is granted to, in the account that the client's key belongs to. Without authentication the key is
 * the account; with it, Kiln knows.
 */
export async function defaultRole(client: LambdaClient): Promise<string> {
  const { accessKeyId } = await client.config.credentials();
  const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : await accountOf(client);
  return `arn:aws:iam::${account}:role/kiln-default`;
}

async function accountOf({ config }: LambdaClient): Promise<string | undefined> {
  const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  const place = await config.endpoint?.();
  const sts = new STSClient({
    region: config.region,
    credentials: config.credentials,
    maxAttempts: 1,
    ...(place === undefined ? {} : { endpoint: place }),
  });
  try {
    return (await sts.send(new GetCallerIdentityCommand({}))).Account;
  } finally {
    sts.destroy();
  }
}
