/**
 * What each operation of SQS needs. Batches need the action of the single operation.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
 */
import { partitionOf } from "../../base/arn.ts";
import type { PermissionsOf, PermissionTable } from "../../security/contract.ts";
import type { CallContext } from "../../wire/contract.ts";
import { namedQueue } from "./queue-url.ts";

type Input = Readonly<Record<string, unknown>>;

function text(input: Input, member: string): string {
  const value = input[member];
  return typeof value === "string" ? value : "";
}

function queueArn({ caller: { account, region } }: CallContext, name: string): string {
  return `arn:${partitionOf(region)}:sqs:${region}:${account}:${name}`;
}

/** The queue that the operation itself will find, however its URL is written. */
function onQueue(action: string): PermissionsOf {
  return (input, context) => {
    const { name } = namedQueue(context, text(input, "QueueUrl"));
    return [{ action: `sqs:${action}`, resource: queueArn(context, name), keys: tags(input) }];
  };
}

function onName(action: string): PermissionsOf {
  return (input, context) => [
    { action: `sqs:${action}`, resource: queueArn(context, text(input, "QueueName")), keys: tags(input) },
  ];
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

export const sqsPermissions: PermissionTable = {
  AddPermission: onQueue("AddPermission"),
  // The task's handle says nothing that a policy could name.
  CancelMessageMoveTask: () => [{ action: "sqs:CancelMessageMoveTask", resource: "*" }],
  ChangeMessageVisibility: onQueue("ChangeMessageVisibility"),
  ChangeMessageVisibilityBatch: onQueue("ChangeMessageVisibility"),
  CreateQueue: onName("CreateQueue"),
  DeleteMessage: onQueue("DeleteMessage"),
  DeleteMessageBatch: onQueue("DeleteMessage"),
  DeleteQueue: onQueue("DeleteQueue"),
  GetQueueAttributes: onQueue("GetQueueAttributes"),
  GetQueueUrl: onName("GetQueueUrl"),
  ListDeadLetterSourceQueues: onQueue("ListDeadLetterSourceQueues"),
  ListMessageMoveTasks: onSource("ListMessageMoveTasks"),
  ListQueueTags: onQueue("ListQueueTags"),
  ListQueues: () => [{ action: "sqs:ListQueues", resource: "*" }],
  PurgeQueue: onQueue("PurgeQueue"),
  ReceiveMessage: onQueue("ReceiveMessage"),
  RemovePermission: onQueue("RemovePermission"),
  SendMessage: onQueue("SendMessage"),
  SendMessageBatch: onQueue("SendMessage"),
  SetQueueAttributes: onQueue("SetQueueAttributes"),
  StartMessageMoveTask: onSource("StartMessageMoveTask"),
  TagQueue: onQueue("TagQueue"),
  UntagQueue: onQueue("UntagQueue"),
};
