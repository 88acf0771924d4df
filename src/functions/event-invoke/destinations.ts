/**
 * Where results may go. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 * Whether a queue, topic, bus or bucket exists is found out when something is delivered to it.
 */
import type { DestinationConfig } from "@aws-sdk/client-lambda";
import { functionArn, parseFunctionReference } from "../../base/arn.ts";
import type { Documents } from "../../store/contract.ts";
import { readFunction } from "../documents.ts";
import { invalidParameter } from "../errors.ts";
import type { EventInvokeTarget } from "./contract.ts";

export interface Destinations {
  onSuccess?: string;
  onFailure?: string;
}

const services = new Set(["lambda", "sqs", "sns", "events"]);

/** Empty ARNs ask for nothing. Throws InvalidParameterValueException. */
export async function checkedDestinations(
  documents: Documents,
  target: EventInvokeTarget,
  config: DestinationConfig,
): Promise<Destinations> {
  const onSuccess = config.OnSuccess?.Destination;
  const onFailure = config.OnFailure?.Destination;
  // A bucket takes failed events only.
  if ((onSuccess && !isService(onSuccess)) || (onFailure && !isService(onFailure) && serviceOf(onFailure) !== "s3")) {
    throw invalidParameter(`The provided destination config ${shown(onSuccess, onFailure)} is invalid.`);
  }
  for (const arn of [onFailure, onSuccess]) {
    if (arn && serviceOf(arn) === "lambda") await checkFunction(documents, target, arn);
  }
  return { ...(onSuccess ? { onSuccess } : {}), ...(onFailure ? { onFailure } : {}) };
}

function isService(arn: string): boolean {
  return services.has(serviceOf(arn));
}

function serviceOf(arn: string): string {
  return arn.startsWith("arn:") ? (arn.split(":")[2] ?? "") : "";
}

async function checkFunction(documents: Documents, target: EventInvokeTarget, arn: string): Promise<void> {
  const { scope } = target;
  const { name } = parseFunctionReference(arn) ?? {};
  // A function of another account or region has an ARN that begins in another way.
  const whole = name === undefined ? undefined : functionArn(scope, name);
  const here = whole !== undefined && (arn === whole || arn.startsWith(`${whole}:`));
  if (name === undefined || !here || !(await readFunction(documents, scope, name))) {
    throw invalidParameter(`The destination ARN ${arn} is invalid.`);
  }
  if (name === target.name) throw invalidParameter("You can't specify the function as a destination for itself.");
}

/** As AWS's own code prints it. */
function shown(onSuccess: string | undefined, onFailure: string | undefined): string {
  const success = onSuccess ? `OnSuccess(destination=${onSuccess})` : "null";
  const failure = onFailure ? `OnFailure(destination=${onFailure})` : "null";
  return `DestinationConfig(onSuccess=${success}, onFailure=${failure})`;
}
