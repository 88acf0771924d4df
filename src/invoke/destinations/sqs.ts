import { ServiceError } from "../../base/errors.ts";
import type { Queues } from "../../queues/contract.ts";
import type { Deliver } from "../contract.ts";

/** A queue, with the record or event as the message's body. Of FIFO queues AWS takes none. */
export function sqsDestination(queues: Pick<Queues, "send">): Deliver {
  return async ({ target, body, attributes, source, traceId }) => {
    const [, , , region = "", account = "", name = ""] = target.split(":");
    if (name.endsWith(".fifo")) {
      throw new ServiceError(
        "InvalidParameterValueException",
        `${target} is a FIFO queue, which takes no such records.`,
      );
    }
    const entries = Object.entries(attributes ?? {}).map(
      ([key, { type, value }]) => [key, { DataType: type, StringValue: value }] as const,
    );
    await queues.send({ account, region }, name, {
      body,
      sender: source,
      ...(traceId === undefined ? {} : { traceHeader: traceId }),
      ...(entries.length === 0 ? {} : { attributes: Object.fromEntries(entries) }),
    });
  };
}
