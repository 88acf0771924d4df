/**
 * Bounds of the Runtime API server. The peer is function code, which is hostile; what it can make the worker hold is
 * bounded for each connection and, by the number of connections, for each environment.
 */
export interface HttpLimits {
  /**
   * Request line and headers, in bytes. The official clients send a description of an exception in one header, of at
   * most 1 MiB (`Lambda-Runtime-Function-XRay-Error-Cause`).
   */
  headBytes: number;
  /** Number of header lines. */
  headerCount: number;
  /** Body of a response, in bytes: 6 MiB and the 100 bytes that AWS allows for its envelope. */
  bodyBytes: number;
  /** Body of a response that is handed on while it arrives, in bytes. */
  streamBytes: number;
  /** Bytes of a refused body that are read and thrown away before the connection is closed. */
  discardBytes: number;
  /** Bytes that may arrive while an earlier request of the connection waits for its answer. */
  waitingBytes: number;
  /** Open connections of one environment. */
  connections: number;
  /** Requests of an environment that only cost the host: refused ones, repeated ones. As a bucket with a refill. */
  wastedBurst: number;
  wastedPerSecond: number;
}

/** AWS's bound of a response, in the words of its error. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024 + 100;

/**
 * AWS's bound of a streamed response: 200 MB since July 2025
 * (https://aws.amazon.com/about-aws/whats-new/2025/07/aws-lambda-response-streaming-200-mb-payloads/).
 */
export const MAX_STREAM_BYTES = 200 * 1024 * 1024;

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  headBytes: 1024 * 1024 + 16 * 1024,
  headerCount: 100,
  bodyBytes: MAX_PAYLOAD_BYTES,
  streamBytes: MAX_STREAM_BYTES,
  discardBytes: 64 * 1024 * 1024,
  waitingBytes: 64 * 1024,
  connections: 64,
  wastedBurst: 200,
  wastedPerSecond: 200,
};
