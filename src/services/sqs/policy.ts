/** The statements that AddPermission and RemovePermission write into a queue's policy. */
import type { AddPermissionRequest } from "@aws-sdk/client-sqs";
import { partitionOf } from "../../base/arn.ts";
import type { Scope } from "../../base/scope.ts";
import { invalidParameter, invalidValue, missingParameter } from "../../queues/errors.ts";
import { queueArn } from "../../queues/names.ts";

interface Policy {
  Version: string;
  Id?: string;
  Statement: { Sid?: string; [member: string]: unknown }[];
}

const MAX_STATEMENTS = 20;
const actions = new Set([
  "*",
  "SendMessage",
  "ReceiveMessage",
  "DeleteMessage",
  "ChangeMessageVisibility",
  "GetQueueAttributes",
  "GetQueueUrl",
]);

function policyOf(text: string | undefined, fallback: Policy): Policy {
  if (text === undefined) return fallback;
  const policy = JSON.parse(text) as Policy;
  return { ...policy, Statement: Array.isArray(policy.Statement) ? policy.Statement : [policy.Statement] };
}

/** The policy with one statement more, as JSON text. */
export function addStatement(
  scope: Scope,
  name: string,
  text: string | undefined,
  input: AddPermissionRequest,
): string {
  const { Label: label, AWSAccountIds: accounts = [], Actions: names = [] } = input;
  if (label === undefined) throw missingParameter("Label");
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(label)) {
    throw invalidParameter(
      "Label can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    );
  }
  if (accounts.length === 0) throw missingParameter("PrincipalId");
  if (names.length === 0) throw missingParameter("Actions");
  const unknown = names.find((action) => !actions.has(action));
  if (unknown !== undefined) {
    throw invalidValue("ActionName", `SQS:${unknown}`, "Only the queue owner is allowed to invoke this action.");
  }
  const arn = queueArn(scope, name);
  const policy = policyOf(text, { Version: "2012-10-17", Id: `${arn}/SQSDefaultPolicy`, Statement: [] });
  if (policy.Statement.some(({ Sid }) => Sid === label)) {
    throw invalidValue("Label", label, "Already exists.");
  }
  if (policy.Statement.length >= MAX_STATEMENTS) {
    throw invalidParameter(
      `${policy.Statement.length + 1} statements were found, maximum allowed is ${MAX_STATEMENTS}.`,
    );
  }
  const principals = accounts.map((account) => `arn:${partitionOf(scope.region)}:iam::${account}:root`);
  const wanted = names.map((action) => `SQS:${action}`);
  policy.Statement.push({
    Sid: label,
    Effect: "Allow",
    Principal: { AWS: principals.length === 1 ? principals[0] : principals },
    Action: wanted.length === 1 ? wanted[0] : wanted,
    Resource: arn,
  });
  return JSON.stringify(policy);
}

/** The policy without a statement, as JSON text; empty when it was the last one. */
export function removeStatement(text: string | undefined, label: string | undefined): string {
  if (label === undefined) throw missingParameter("Label");
  const policy = policyOf(text, { Version: "2012-10-17", Statement: [] });
  const left = policy.Statement.filter(({ Sid }) => Sid !== label);
  if (left.length === policy.Statement.length) {
    throw invalidValue("Label", label, "can't find label on existing policy.");
  }
  return left.length === 0 ? "" : JSON.stringify({ ...policy, Statement: left });
}
