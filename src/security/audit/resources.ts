/** Which resources a record is about, as far as its parameters name them. LookupEvents looks for them. */
import { partitionOf } from "../../base/arn.ts";
import type { JsonObject } from "./contract.ts";

interface Kind {
  readonly type: string;
  readonly service: string;
  /** Behind the account in an ARN. */
  arn(name: string): string;
}

const kinds: Readonly<Record<string, Kind>> = {
  functionName: { type: "AWS::Lambda::Function", service: "lambda", arn: (name) => `function:${name}` },
  layerName: { type: "AWS::Lambda::LayerVersion", service: "lambda", arn: (name) => `layer:${name}` },
  roleName: { type: "AWS::IAM::Role", service: "iam", arn: (name) => `role/${name}` },
  userName: { type: "AWS::IAM::User", service: "iam", arn: (name) => `user/${name}` },
  groupName: { type: "AWS::IAM::Group", service: "iam", arn: (name) => `group/${name}` },
  policyArn: { type: "AWS::IAM::ManagedPolicy", service: "iam", arn: (name) => name },
  roleArn: { type: "AWS::IAM::Role", service: "sts", arn: (name) => name },
  queueName: { type: "AWS::SQS::Queue", service: "sqs", arn: (name) => name },
  queueUrl: { type: "AWS::SQS::Queue", service: "sqs", arn: (name) => name.slice(name.lastIndexOf("/") + 1) },
  logGroupName: { type: "AWS::Logs::LogGroup", service: "logs", arn: (name) => `log-group:${name}` },
  keyId: { type: "AWS::KMS::Key", service: "kms", arn: (name) => `key/${name}` },
};

const MAX_NAME = 2048;

/** In CloudTrail's spelling: `{resources: [{accountId, type, ARN}]}`; nothing where none is named. */
export function resourcesOf(
  service: string,
  parameters: JsonObject | null,
  account: string,
  region: string,
): { resources?: readonly JsonObject[] } {
  const resources: JsonObject[] = [];
  for (const [member, value] of Object.entries(parameters ?? {})) {
    const kind = Object.hasOwn(kinds, member) ? kinds[member] : undefined;
    if (kind?.service !== service || typeof value !== "string" || value.length > MAX_NAME) continue;
    resources.push({ accountId: account, type: kind.type, ARN: arnOf(kind, value, account, region) });
  }
  return resources.length === 0 ? {} : { resources };
}

function arnOf(kind: Kind, name: string, account: string, region: string): string {
  if (name.startsWith("arn:")) return name;
  const where = kind.service === "iam" ? "" : region;
  return `arn:${partitionOf(region)}:${kind.service}:${where}:${account}:${kind.arn(name)}`;
}
