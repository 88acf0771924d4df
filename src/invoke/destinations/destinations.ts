/** Sends what came of events to where it is wanted: the service in the target's ARN decides how. */
import { ServiceError } from "../../base/errors.ts";
import type { Deliver } from "../contract.ts";

/** One on another server. */
export interface ClosableDestination {
  deliver: Deliver;
  close: () => void;
}

/** By the service of the target's ARN: `lambda`, `sqs`, … */
export function createDestinations(services: Readonly<Record<string, Deliver>>): Deliver {
  return async (delivery) => {
    const service = delivery.target.split(":")[2] ?? "";
    const deliver = Object.hasOwn(services, service) ? services[service] : undefined;
    if (deliver === undefined) {
      const known = Object.keys(services).join(", ");
      throw new ServiceError(
        "NotImplementedException",
        `Kiln is configured to deliver to ${known}; it does not know how to reach ${delivery.target}.`,
        { status: 400 },
      );
    }
    await deliver(delivery);
  };
}
