/**
 * What a caller is told whose environment cannot be made of its snapshot, in AWS's words:
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
 */
import { ServiceError } from "../base/errors.ts";
import type { SnapStartError, SnapStartFault } from "../worker/contract.ts";

const wordings: Readonly<Record<SnapStartFault, { exception: string; status: number; message: string }>> = {
  lost: {
    exception: "SnapStartNotReadyException",
    status: 409,
    message:
      "Lambda is initializing your function. It will be ready to invoke once your function state becomes ACTIVE.",
  },
  hook: {
    exception: "SnapStartException",
    status: 400,
    message:
      "The afterRestore() runtime hook encountered an error. For more information, check the Amazon CloudWatch logs.",
  },
  timeout: {
    exception: "SnapStartTimeoutException",
    status: 408,
    message: "Lambda couldn't restore the snapshot within the timeout limit.",
  },
};

export function snapStartFault(cause: SnapStartError): ServiceError {
  const { exception, status, message } = wordings[cause.fault];
  return new ServiceError(exception, message, { status, members: { Type: "User" }, cause });
}
