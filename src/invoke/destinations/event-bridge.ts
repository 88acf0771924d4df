/** Buses of a server that speaks EventBridge, through the official client. */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { createClients, type EndpointOptions } from "../../base/aws-clients.ts";
import { ServiceError } from "../../base/errors.ts";
import type { ClosableDestination } from "./destinations.ts";
import { sent, traced } from "./foreign.ts";

export function eventBridgeDestination(options: EndpointOptions): ClosableDestination {
  const clients = createClients(options, (settings) => new EventBridgeClient(settings));
  return {
    async deliver({ target, source, body, succeeded, traceId }) {
      const command = new PutEventsCommand({
        Entries: [
          {
            Source: "lambda",
            DetailType: `Lambda Function Invocation Result - ${succeeded === true ? "Success" : "Failure"}`,
            Detail: body,
            EventBusName: target,
            Resources: [target, source],
            ...(traceId === undefined ? {} : { TraceHeader: traceId.slice(0, MAX_TRACE) }),
          },
        ],
      });
      const { Entries = [] } = await sent(clients.of(target).send(traced(command, traceId)));
      const [entry] = Entries;
      if (entry?.ErrorCode === undefined || entry.ErrorCode === null) return;
      const message = `${entry.ErrorCode}: ${entry.ErrorMessage ?? ""}`;
      // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
      if (/^(ThrottlingException|InternalFailure)$/.test(entry.ErrorCode)) throw new Error(message);
      throw new ServiceError(entry.ErrorCode, message);
    },
    close: clients.close,
  };
}

/** Characters of an entry's trace header. */
const MAX_TRACE = 500;
