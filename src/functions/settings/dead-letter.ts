/** Where failed events go: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
import { invalidParameter } from "../errors.ts";

const queueOrTopic = /^arn:aws[a-zA-Z-]*:(?:sqs|sns):[a-z0-9-]+:\d{12}:[a-zA-Z0-9_-]+(?:\.fifo)?$/;

/** The ARN, checked. Throws InvalidParameterValueException. */
export function checkedDeadLetter(arn: string): string {
  if (queueOrTopic.test(arn)) return arn;
  throw invalidParameter(`Invalid dead letter queue ARN: ${arn} is neither a queue of SQS nor a topic of SNS.`);
}
