/**
 * Code that a request names as an object of S3, read from an S3-compatible store with the official client. Bounded in
 * size, in time, and in how many are read at once; answers of the store become AWS's errors.
 */
import { GetObjectCommand, S3Client, S3ServiceException, type GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { ServiceError, messageOf } from "../../base/errors.ts";
import type { FetchObject, ObjectName } from "../contract.ts";
import { createSlots } from "../slots.ts";

/** Objects that are read at once: each is held in memory while it comes. */
const PARALLEL = 2;
/** ms that one object may take, waiting for others apart. */
const DEADLINE = 120_000;

export interface ObjectFetcherOptions {
  /** `https://host[:port]` of the store. */
  endpoint: string;
  region: string;
  /** Absent: requests are not signed. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** ms. Default two minutes. */
  deadline?: number;
}

export interface ObjectFetcher {
  fetch: FetchObject;
  close(): void;
}

export function createObjectFetcher(options: ObjectFetcherOptions): ObjectFetcher {
  const { endpoint, region, credentials, deadline = DEADLINE } = options;
  const client = new S3Client({
    endpoint,
    region,
    // Stores of people's own rarely have a DNS name for every bucket.
    forcePathStyle: true,
    maxAttempts: 3,
    // A copy: the client writes into what it is given.
    ...(credentials
      ? { credentials: { ...credentials } }
      : { credentials: anonymous, signer: { sign: async (request) => request } }),
  });
  const slots = createSlots(PARALLEL);

  const read = async (object: ObjectName, maxBytes: number): Promise<Uint8Array> => {
    const abortSignal = AbortSignal.timeout(deadline);
    const command = new GetObjectCommand({
      Bucket: object.bucket,
      Key: object.key,
      ...(object.version === undefined ? {} : { VersionId: object.version }),
    });
    try {
      return await collect(await client.send(command, { abortSignal }), maxBytes, abortSignal);
    } catch (error) {
      throw inAwsWords(error, object, endpoint);
    }
  };
  return {
    fetch: (object, { maxBytes }) => slots.run(() => read(object, maxBytes)),
    close: () => client.destroy(),
  };
}

const anonymous = { accessKeyId: "", secretAccessKey: "" };

async function collect(answer: GetObjectCommandOutput, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  if ((answer.ContentLength ?? 0) > maxBytes) {
    await answer.Body?.transformToWebStream().cancel();
    throw tooLarge(maxBytes);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (answer.Body as AsyncIterable<Uint8Array> | undefined) ?? []) {
    signal.throwIfAborted();
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** A zip cannot be larger than what AWS lets its content be. */
function tooLarge(maxBytes: number): ServiceError {
  return new ServiceError("InvalidParameterValueException", `Unzipped size must be smaller than ${maxBytes} bytes`);
}

function inAwsWords(error: unknown, { bucket, key }: ObjectName, endpoint: string): unknown {
  if (error instanceof ServiceError) return error;
  if (error instanceof S3ServiceException && error.$metadata.httpStatusCode !== undefined) {
    const said = `S3 Error Code: ${error.name}. S3 Error Message: ${error.message}`;
    const status = error.$metadata.httpStatusCode;
    if (status === 401 || status === 403) {
      return new ServiceError(
        "AccessDeniedException",
        `Your access has been denied by S3, please make sure your request credentials have permission to GetObject for ${bucket}/${key}. ${said}`,
        { status: 403, cause: error },
      );
    }
    if (status < 500) {
      return new ServiceError("InvalidParameterValueException", `Error occurred while GetObject. ${said}`, {
        cause: error,
      });
    }
  }
  return new ServiceError(
    "ServiceException",
    `Error occurred while GetObject. The object store at ${endpoint} did not answer as it should: ${messageOf(error)}`,
    { status: 500, cause: error },
  );
}
