/** Queues of a server that speaks SQS, through the official client. */
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createClients, type EndpointOptions } from "../../base/aws-clients.ts";
import type { ClosableDestination } from "./destinations.ts";
import { sent, traced } from "./foreign.ts";

export function remoteSqsDestination(options: EndpointOptions): ClosableDestination {
  const clients = createClients(options, (settings) => new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }));
  return {
    async deliver({ target, body, attributes, traceId }) {
      const [, , , , QueueOwnerAWSAccountId, QueueName] = target.split(":");
      const client = clients.of(target);
      const { QueueUrl } = await sent(client.send(new GetQueueUrlCommand({ QueueName, QueueOwnerAWSAccountId })));
      const command = new SendMessageCommand({
        QueueUrl,
        MessageBody: body,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes ?? {}).map(([name, { type, value }]) => [
            name,
            { DataType: type, StringValue: value },
          ]),
        ),
      });
      await sent(client.send(traced(command, traceId)));
    },
    close: clients.close,
  };
}
