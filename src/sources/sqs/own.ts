/** Kiln's own queues, without a way over HTTP. */
import { ServiceError } from "../../base/errors.ts";
import type { Queues } from "../../queues/contract.ts";
import type { QueueService } from "./contract.ts";

export type OwnQueues = Pick<Queues, "get" | "receive" | "delete" | "changeVisibility" | "attributes">;

/** `others`: where queues are looked for that are not here. */
export function ownQueues(queues: OwnQueues, others?: QueueService): QueueService {
  return {
    async open(arn) {
      const [, , , region = "", account = "", name = ""] = arn.split(":");
      const scope = { account, region };
      try {
        await queues.get(scope, name);
      } catch (error) {
        if (others === undefined) throw error;
        return others.open(arn);
      }
      return {
        receive: (options) => queues.receive(scope, name, options),
        async delete(receiptHandles) {
          await Promise.all(receiptHandles.map((handle) => queues.delete(scope, name, handle)));
        },
        async extend(receiptHandles, seconds) {
          const changed = receiptHandles.map((handle) => queues.changeVisibility(scope, name, handle, seconds));
          for (const one of await Promise.allSettled(changed)) {
            if (one.status === "rejected" && !(one.reason instanceof ServiceError)) throw one.reason;
          }
        },
        visibilitySeconds: async () => Number((await queues.attributes(scope, name))["VisibilityTimeout"]),
        // One receives as fast as the disk gives.
        receivers: 1,
      };
    },
  };
}
