/**
 * Signatures as the AWS SDK makes them, for the load tool, which shares the processors with what it measures: all that is
 * the same in every request is prepared once. A signature is good for five minutes.
 */
import { createHmac, createSecretKey, hash } from "node:crypto";

export interface SignerOptions {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** As in the Host header. */
  readonly host: string;
  /** Of letters, digits, `/`, `-` and `_`, without a query. */
  readonly path: string;
  /** One character per byte. */
  readonly payload: string;
}

/** Of each call the headers of one more `POST` of `application/json`, as lines that end in CRLF; no two are the same. */
export function createSigner({ accessKeyId, secretAccessKey, region, host, path, payload }: SignerOptions) {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const scope = `${time.slice(0, 8)}/${region}/lambda/aws4_request`;
  let derived: string | Buffer = `AWS4${secretAccessKey}`;
  for (const part of scope.split("/")) derived = createHmac("sha256", derived).update(part).digest();
  const key = createSecretKey(derived as Buffer);
  const digest = hash("sha256", Buffer.from(payload, "latin1"));
  const names = "amz-sdk-invocation-id;amz-sdk-request;content-type;host;x-amz-content-sha256;x-amz-date";
  const before = `POST\n${path}\n\namz-sdk-invocation-id:`;
  const after = `\namz-sdk-request:attempt=1; max=3\ncontent-type:application/json\nhost:${host}\nx-amz-content-sha256:${digest}\nx-amz-date:${time}\n\n${names}\n${digest}`;
  const signing = `AWS4-HMAC-SHA256\n${time}\n${scope}\n`;
  const fixed =
    `x-amz-user-agent: aws-sdk-js/3 ua/2.1 os/linux lang/js api/lambda\r\nx-amz-content-sha256: ${digest}\r\nx-amz-date: ${time}\r\n` +
    `amz-sdk-request: attempt=1; max=3\r\n`;
  const authorization = `Authorization: AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=`;
  return (): string => {
    const id = crypto.randomUUID();
    const text = signing + hash("sha256", before + id + after);
    const signature = createHmac("sha256", key).update(text).digest("hex");
    return `${fixed}amz-sdk-invocation-id: ${id}\r\n${authorization}${signature}\r\n`;
  };
}
