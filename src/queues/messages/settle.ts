/** What a receiver does with a message: forget it, or keep it hidden for another time. */
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import type { QueueDomain } from "../domain.ts";
import { invalidValue } from "../errors.ts";
import { storeName } from "../names.ts";
import { receiptOf } from "./handle.ts";

export async function deleteMessage(domain: QueueDomain, scope: Scope, name: string, handle: string): Promise<void> {
  const queue = await domain.find(scope, name);
  const stored = storeName(scope, queue);
  // A receipt that is not the latest deletes nothing, and is no error.
  if (await domain.queue.acknowledge(stored, receiptOf(queue, handle))) domain.arrivals.announce(stored);
}

export async function changeVisibility(
  domain: QueueDomain,
  scope: Scope,
  name: string,
  handle: string,
  seconds: number,
): Promise<void> {
  if (!(seconds >= 0 && seconds <= 43_200)) {
    throw invalidValue(
      "VisibilityTimeout",
      seconds,
      "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
    );
  }
  const queue = await domain.find(scope, name);
  const stored = storeName(scope, queue);
  if (!(await domain.queue.extend(stored, receiptOf(queue, handle), seconds * 1000))) {
    throw new ServiceError(
      "MessageNotInflight",
      `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  }
  if (seconds === 0) domain.arrivals.announce(stored);
}
