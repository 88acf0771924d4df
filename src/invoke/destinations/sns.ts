/** Topics of a server that speaks SNS, through the official client. */
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { createClients, type EndpointOptions } from "../../base/aws-clients.ts";
import type { ClosableDestination } from "./destinations.ts";
import { sent, traced } from "./foreign.ts";

/** SNS takes 256 KB: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const MAX_BYTES = 256 * 1024;

export function snsDestination(options: EndpointOptions): ClosableDestination {
  const clients = createClients(options, (settings) => new SNSClient(settings));
  return {
    async deliver({ target, body, attributes, traceId }) {
      const command = new PublishCommand({
        TopicArn: target,
        Message: attributes === undefined ? withoutPayloads(body) : body,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes ?? {}).map(([name, { type, value }]) => [
            name,
            { DataType: type, StringValue: value },
          ]),
        ),
      });
      await sent(clients.of(target).send(traced(command, traceId)));
    },
    close: clients.close,
  };
}

/** A record that is too large goes without its payloads, as on AWS. */
function withoutPayloads(body: string): string {
  if (Buffer.byteLength(body) <= MAX_BYTES) return body;
  const { requestPayload: _, responsePayload: __, ...record } = JSON.parse(body) as Record<string, unknown>;
  return JSON.stringify(record);
}
