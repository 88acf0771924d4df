/** Names, ARNs and documents of queues. */
import { partitionOf } from "../base/arn.ts";
import type { Scope } from "../base/scope.ts";
import type { QueueDocument } from "./contract.ts";
import { invalidParameter } from "./errors.ts";

/** `account/region/name` → QueueDocument */
export const QUEUE = "queue";
/** `account/region/handle` → MoveTask */
export const MOVE_TASK = "queue-move-task";

const namePattern = /^[A-Za-z0-9_-]{1,80}$/;
const fifoPattern = /^[A-Za-z0-9_-]{1,75}\.fifo$/;

export function isFifoName(name: string): boolean {
  return fifoPattern.test(name);
}

/** Throws where AWS does. */
export function checkQueueName(name: string, fifo: boolean): void {
  if (fifo && !isFifoName(name)) {
    throw invalidParameter(
      "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.",
    );
  }
  if (!fifo && !namePattern.test(name)) {
    throw invalidParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
  }
}

export function scopeKey(scope: Scope, name: string): string {
  return `${scope.account}/${scope.region}/${name}`;
}

/** In the work queue. */
export function storeName(scope: Scope, { name, id }: Pick<QueueDocument, "name" | "id">): string {
  return `sqs/${scope.account}/${scope.region}/${name}/${id}`;
}

export function queueArn({ account, region }: Scope, name: string): string {
  return `arn:${partitionOf(region)}:sqs:${region}:${account}:${name}`;
}

/** Undefined when the text is no queue's ARN. */
export function parseQueueArn(arn: string): { scope: Scope; name: string } | undefined {
  const match = /^arn:aws[a-z-]*:sqs:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_-]{1,80}(?:\.fifo)?)$/.exec(arn);
  const [, region, account, name] = match ?? [];
  if (region === undefined || account === undefined || name === undefined) return undefined;
  return { scope: { account, region }, name };
}
