import { ServiceError } from "../../base/errors.ts";
import type { StreamService } from "./contract.ts";
import { isDenied, isGone } from "../problems.ts";

/** ms. A server that does not answer in this time is asked again by the poller. */
const DEADLINE_MS = 5000;

/** Is the stream there, and may it be read. Throws as CreateEventSourceMapping does. */
export async function checkStream(service: StreamService, arn: string): Promise<void> {
  try {
    await service.open(arn, "").shards(AbortSignal.timeout(DEADLINE_MS));
  } catch (error) {
    const message = refusal(error, arn);
    if (message !== undefined) {
      throw new ServiceError("InvalidParameterValueException", message, { cause: error });
    }
  }
}

/** Undefined for what passes by itself: then the mapping shows it. */
function refusal(error: unknown, arn: string): string | undefined {
  if (isGone(error)) return `Stream not found: ${arn}`;
  if (!isDenied(error)) return undefined;
  return `Cannot access stream ${arn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams Actions on your stream in IAM.`;
}
