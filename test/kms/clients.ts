import type { TestContext } from "node:test";
import { IAMClient } from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import type { TestKiln } from "../support/kiln.ts";

/** Clients of a Kiln's root, which end with the test, and `key`, which makes a key. */
export function clientsOf(context: TestContext, kiln: TestKiln) {
  const { url: endpoint, region, accessKeyId, secretAccessKey } = kiln.endpoint();
  const settings = { endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 };
  const [kms, iam] = [new KMSClient(settings), new IAMClient(settings)];
  context.after(() => {
    kms.destroy();
    iam.destroy();
  });
  const key = async () => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    return { KeyId: KeyMetadata?.KeyId ?? "", arn: KeyMetadata?.Arn ?? "" };
  };
  return { kms, iam, key, settings };
}
