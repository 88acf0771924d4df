import type { ReceiveMessageRequest, ReceiveMessageResult } from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { receivedMessage } from "./message-shapes.ts";
import { namedQueue } from "./queue-url.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
export function receiveMessage(queues: Queues): Operation<ReceiveMessageRequest, ReceiveMessageResult> {
  return async (input, context) => {
    const { scope, name } = namedQueue(context, input.QueueUrl);
    const messages = await queues.receive(scope, name, {
      max: input.MaxNumberOfMessages ?? 1,
      visibilitySeconds: input.VisibilityTimeout,
      waitSeconds: input.WaitTimeSeconds,
      signal: context.signal,
    });
    const wanted = {
      system: [...(input.MessageSystemAttributeNames ?? []), ...(input.AttributeNames ?? [])],
      attributes: input.MessageAttributeNames ?? [],
    };
    return messages.length === 0 ? {} : { Messages: messages.map((message) => receivedMessage(message, wanted)) };
  };
}
