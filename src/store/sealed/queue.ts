/** A work queue whose bodies lie encrypted in the engine below. Names, groups and deduplication ids stay readable. */
import type { Sealer, WorkQueue } from "../contract.ts";

/** A body may move to another queue as it is: it is not bound to the name of one. */
const CONTEXT = "message";

export function sealedQueue(queue: WorkQueue, sealer: Sealer): WorkQueue {
  const withBody = <O extends { body?: Uint8Array }>(options: O | undefined): O | undefined =>
    options?.body === undefined ? options : { ...options, body: sealer.seal(options.body, CONTEXT) };

  return {
    ...queue,
    enqueue: async (name, body, options) => queue.enqueue(name, sealer.seal(body, CONTEXT), options),
    async receive(name, options) {
      const messages = await queue.receive(name, options);
      return messages.map((message) =>
        sealer.isSealed(message.body) ? { ...message, body: sealer.open(message.body, CONTEXT) } : message,
      );
    },
    giveBack: async (name, receipt, options) => queue.giveBack(name, receipt, withBody(options)),
    deadLetter: async (name, receipt, target, options) => queue.deadLetter(name, receipt, target, withBody(options)),
  };
}
