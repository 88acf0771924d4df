import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import type { Queues } from "../../queues/contract.ts";
import type { Deliver } from "../contract.ts";

/**
 * A queue, with the record or event as the message's body. Of FIFO queues AWS takes none. `others`: for queues that are
 * not here.
 */
export function sqsDestination(queues: Pick<Queues, "get" | "send">, others?: Deliver): Deliver {
  return async (delivery) => {
    const { target, body, attributes, source, traceId } = delivery;
    const [, , , region = "", account = "", name = ""] = target.split(":");
    if (name.endsWith(".fifo")) {
      throw new ServiceError(
        "InvalidParameterValueException",
        `${target} is a FIFO queue, which takes no such records.`,
      );
    }
    if (others !== undefined && !(await isHere({ account, region }, name))) return others(delivery);
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

  async function isHere(scope: Scope, name: string): Promise<boolean> {
    try {
      await queues.get(scope, name);
      return true;
    } catch (error) {
      if (error instanceof ServiceError) return false;
      throw error;
    }
  }
}
