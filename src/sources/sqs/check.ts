import { ServiceError } from "../../base/errors.ts";
import type { Queues } from "../../queues/contract.ts";

/** Is the queue there, and hidden long enough for the function. Throws as CreateEventSourceMapping does. */
export async function checkQueue(
  queues: Pick<Queues, "attributes">,
  arn: string,
  timeoutSeconds: number,
): Promise<void> {
  const [, , , region = "", account = "", name = ""] = arn.split(":");
  let visibility: number;
  try {
    visibility = Number((await queues.attributes({ account, region }, name))["VisibilityTimeout"]);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw invalid(
      "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. " +
        `SQS Error Message: ${error.message}`,
    );
  }
  if (visibility < timeoutSeconds) {
    throw invalid(
      `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
    );
  }
}

function invalid(message: string): ServiceError {
  return new ServiceError("InvalidParameterValueException", message);
}
