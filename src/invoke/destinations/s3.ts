/** Buckets of an S3-compatible store, through the official client: one object for each record of a failure. */
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { ClosableDestination } from "./destinations.ts";
import { sent, traced } from "./foreign.ts";

/** ms that one object may take. */
const DEADLINE = 60_000;

export interface S3DestinationOptions {
  readonly endpoint: string;
  readonly region: string;
  /** Absent: requests are not signed. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly clock: () => number;
}

export function s3Destination({ endpoint, region, credentials, clock }: S3DestinationOptions): ClosableDestination {
  const client = new S3Client({
    endpoint,
    region,
    // Stores of people's own rarely have a DNS name for every bucket.
    forcePathStyle: true,
    maxAttempts: 1,
    ...(credentials === undefined
      ? { credentials: { accessKeyId: "", secretAccessKey: "" }, signer: { sign: async (request) => request } }
      : { credentials: { ...credentials } }),
  });
  return {
    async deliver({ target, source, folder, requestId, body, traceId }) {
      const command = new PutObjectCommand({
        Bucket: target.split(":").slice(5).join(":"),
        Key: `${folder ?? asyncFolder(source)}/${dated(clock())}-${requestId}`,
        Body: body,
        ContentType: "application/json",
      });
      await sent(client.send(traced(command, traceId), { abortSignal: AbortSignal.timeout(DEADLINE) }));
    },
    close: () => client.destroy(),
  };
}

/** `source`: ARN of a function, with or without a qualifier. */
function asyncFolder(source: string): string {
  return `aws/lambda/async/${source.split(":")[6] ?? ""}`;
}

/** As AWS names such objects: `YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS`. */
function dated(now: number): string {
  const [day = "", time = ""] = new Date(now).toISOString().split("T");
  return `${day.replaceAll("-", "/")}/${day}T${time.slice(0, 8).replaceAll(":", ".")}`;
}
