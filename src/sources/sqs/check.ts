import { messageOf, ServiceError } from "../../base/errors.ts";
import { isDenied, isGone, nameOf } from "../problems.ts";
import type { QueueService } from "./contract.ts";

/** Is the queue there, and hidden long enough for the function. Throws as CreateEventSourceMapping does. */
export async function checkQueue(service: QueueService, arn: string, timeoutSeconds: number): Promise<void> {
  let visibility: number;
  try {
    visibility = await (await service.open(arn)).visibilitySeconds();
  } catch (error) {
    if (isGone(error)) throw refused("AWS.SimpleQueueService.NonExistentQueue", error);
    if (isDenied(error)) throw refused(nameOf(error), error);
    // A server that does not answer now is asked again by the poller, and the mapping shows it.
    if (error instanceof ServiceError) throw error;
    return;
  }
  if (visibility < timeoutSeconds) {
    throw invalid(
      `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
    );
  }
}

function refused(code: string, error: unknown): ServiceError {
  return invalid(
    `Error occurred while ReceiveMessage. SQS Error Code: ${code}. SQS Error Message: ${messageOf(error)}`,
  );
}

function invalid(message: string): ServiceError {
  return new ServiceError("InvalidParameterValueException", message);
}
