/**
 * What each operation of SQS needs. Batches need the action of the single operation.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
 */
import { partitionOf } from "../../base/arn.ts";
import type { PermissionsOf, PermissionTable } from "../../security/contract.ts";
import { namedQueue } from "./queue-url.ts";

type Input = Readonly<Record<string, unknown>>;

function text(input: Input, member: string): string {
  const value = input[member];
  return typeof value === "string" ? value : "";
}

function queueArn(account: string, region: string, name: string): string {
  return `arn:${partitionOf(region)}:sqs:${region}:${account}:${name}`;
}

/**
 * The queue that the operation itself will find, however its URL is written. `shared`: the queue's policy may grant it to
 * other accounts too, which AWS does not let it for the rest:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-customer-managed-policy-examples.html
 */
function onQueue(action: string, shared = false): PermissionsOf {
  return (input, context) => {
    const { scope, name } = namedQueue(context, text(input, "QueueUrl"));
    return [
      {
        action: `sqs:${action}`,
        resource: queueArn(scope.account, scope.region, name),
        keys: tags(input),
        ownPolicy: shared || scope.account === context.caller.account,
      },
    ];
  };
}

function onName(action: string): PermissionsOf {
  return (input, { caller }) => {
    const account = text(input, "QueueOwnerAWSAccountId") || caller.account;
    const resource = queueArn(account, caller.region, text(input, "QueueName"));
    return [{ action: `sqs:${action}`, resource, keys: tags(input), ownPolicy: true }];
  };
}

function onSource(action: string): PermissionsOf {
  return (input) => [{ action: `sqs:${action}`, resource: text(input, "SourceArn") || "*" }];
}

function tags(input: Input): Record<string, string | readonly string[]> {
  const given = (input["tags"] ?? input["Tags"] ?? {}) as Readonly<Record<string, string>>;
  const keys = Array.isArray(input["TagKeys"]) ? (input["TagKeys"] as string[]) : Object.keys(given);
  return {
    ...Object.fromEntries(Object.entries(given).map(([key, value]) => [`aws:requesttag/${key.toLowerCase()}`, value])),
    ...(keys.length === 0 ? {} : { "aws:tagkeys": keys }),
  };
}

const shared = true;

export const sqsPermissions: PermissionTable = {
  AddPermission: onQueue("AddPermission"),
  // The task's handle says nothing that a policy could name.
  CancelMessageMoveTask: () => [{ action: "sqs:CancelMessageMoveTask", resource: "*" }],
  ChangeMessageVisibility: onQueue("ChangeMessageVisibility", shared),
  ChangeMessageVisibilityBatch: onQueue("ChangeMessageVisibility", shared),
  CreateQueue: onName("CreateQueue"),
  DeleteMessage: onQueue("DeleteMessage", shared),
  DeleteMessageBatch: onQueue("DeleteMessage", shared),
  DeleteQueue: onQueue("DeleteQueue"),
  GetQueueAttributes: onQueue("GetQueueAttributes", shared),
  GetQueueUrl: onName("GetQueueUrl"),
  ListDeadLetterSourceQueues: onQueue("ListDeadLetterSourceQueues", shared),
  ListMessageMoveTasks: onSource("ListMessageMoveTasks"),
  ListQueueTags: onQueue("ListQueueTags"),
  ListQueues: () => [{ action: "sqs:ListQueues", resource: "*" }],
  PurgeQueue: onQueue("PurgeQueue", shared),
  ReceiveMessage: onQueue("ReceiveMessage", shared),
  RemovePermission: onQueue("RemovePermission"),
  SendMessage: onQueue("SendMessage", shared),
  SendMessageBatch: onQueue("SendMessage", shared),
  SetQueueAttributes: onQueue("SetQueueAttributes"),
  StartMessageMoveTask: onSource("StartMessageMoveTask"),
  TagQueue: onQueue("TagQueue"),
  UntagQueue: onQueue("UntagQueue"),
};
