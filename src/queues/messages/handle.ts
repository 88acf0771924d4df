/** Receipt handles: the store's receipt, bound to its queue. They prove nothing more than having received the message. */
import type { QueueDocument } from "../contract.ts";
import { invalidHandle } from "../errors.ts";

export function handleOf({ id }: QueueDocument, receipt: string): string {
  return Buffer.from(`${id} ${receipt}`).toString("base64");
}

/** Throws ReceiptHandleIsInvalid. */
export function receiptOf({ id }: QueueDocument, handle: string): string {
  const [queue, receipt, ...more] = Buffer.from(handle, "base64").toString("latin1").split(" ");
  if (queue !== id || receipt === undefined || receipt === "" || more.length > 0) throw invalidHandle(handle);
  return receipt;
}
