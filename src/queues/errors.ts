/** SQS's errors. Messages as SQS answers them. */
import { ServiceError } from "../base/errors.ts";

export function queueDoesNotExist(): ServiceError {
  return new ServiceError("QueueDoesNotExist", "The specified queue does not exist.");
}

/** SQS's code for it; the query protocol has `InvalidParameterValue`. */
export function invalidParameter(message: string): ServiceError {
  return new ServiceError("InvalidParameterValueException", message);
}

export function invalidValue(parameter: string, value: string | number, reason: string): ServiceError {
  return invalidParameter(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);
}

export function missingParameter(name: string): ServiceError {
  return new ServiceError("MissingRequiredParameterException", `The request must contain the parameter ${name}.`);
}

export function invalidAttribute(name: string): ServiceError {
  return new ServiceError("InvalidAttributeValue", `Invalid value for the parameter ${name}.`);
}

export function invalidHandle(handle: string): ServiceError {
  return new ServiceError(
    "ReceiptHandleIsInvalid",
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
    { status: 404 },
  );
}

export function resourceNotFound(message: string): ServiceError {
  return new ServiceError("ResourceNotFoundException", message, { status: 404 });
}
