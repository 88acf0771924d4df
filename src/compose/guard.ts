/** Who may do what, once requests have to be signed: the tables and policies of every service. */
import { systemClock } from "../base/clock.ts";
import type { Functions } from "../functions/contract.ts";
import { vpcOf } from "../functions/index.ts";
import type { NetworkCatalog } from "../functions/networks.ts";
import type { createIdentity } from "../identity/index.ts";
import type { createKms } from "../kms/kms.ts";
import type { Queues } from "../queues/contract.ts";
import { createGuard, type Guard } from "../security/access/guard.ts";
import { rootSource } from "../security/access/root-source.ts";
import type { PermissionTable } from "../security/contract.ts";
import type { openRootKey } from "../security/root/root-key.ts";
import { cloudTrailPermissions } from "../services/cloudtrail/permissions.ts";
import { kmsPermissions } from "../services/kms/permissions.ts";
import { lambdaPermissions } from "../services/lambda/permissions.ts";
import { logsPermissions } from "../services/logs/permissions.ts";
import { sqsPermissions } from "../services/sqs/permissions.ts";
import { stsPermissions } from "../services/sts/permissions.ts";

export interface GuardedParts {
  root: Awaited<ReturnType<typeof openRootKey>>;
  identity: ReturnType<typeof createIdentity>;
  functions: Functions;
  queues: Queues;
  kms: ReturnType<typeof createKms>;
  /** What the ids of subnets stand for; absent: nobody has said it. */
  networks: NetworkCatalog | undefined;
}

export function guardOf(parts: GuardedParts, region: string): Guard {
  const { root, identity, functions, queues, kms, networks } = parts;
  let iam: Promise<PermissionTable> | undefined;
  return createGuard({
    credentials: rootSource(root, identity.source),
    tables: {
      lambda: lambdaPermissions((subnet) => vpcOf(networks, subnet)),
      logs: logsPermissions,
      iam: () => (iam ??= iamTable(identity)),
      sts: stsPermissions,
      cloudtrail: cloudTrailPermissions,
      sqs: sqsPermissions,
      kms: kmsPermissions(kms),
    },
    policyOf: (arn) => {
      const service = arn.split(":", 3)[2];
      if (service === "kms") return kms.policyOf(arn);
      return service === "sqs" ? queues.policyOf(arn) : functions.policies.textOf(arn);
    },
    tagsOf: async (arn) => (await functions.tags.ofArn(arn)) ?? (await kms.tagsOf(arn)) ?? identity.tagsOf(arn),
    region,
    clock: systemClock,
  });
}

/** Names every operation of the service, and so loads all of them. */
async function iamTable(identity: GuardedParts["identity"]): Promise<PermissionTable> {
  const { iamPermissions } = await import("../services/iam/permissions.ts");
  return iamPermissions(identity);
}
