/** What worker tests share: an assignment, a runtime, a log that remembers. */
import { randomUUID } from "node:crypto";
import type { RuntimeImage, Runtimes } from "../../artifacts/contract.ts";
import type { Assignment, Call, LogSink } from "../contract.ts";

export const testImage: RuntimeImage = {
  id: "nodejs24.x",
  image: "/dev/null",
  env: { AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" },
  argv: ["/var/runtime/bootstrap"],
  versionArn: "arn:aws:lambda:us-east-1::runtime:test",
  preboot: true,
};

export const testRuntimes: Runtimes = {
  catalogue: () => [],
  entry: () => undefined,
  image: (id) => (id === testImage.id ? testImage : undefined),
};

export function testAssignment(changes: Partial<Assignment> = {}): Assignment {
  return {
    key: "hello:1",
    functionArn: "arn:aws:lambda:us-east-1:000000000000:function:hello",
    functionName: "hello",
    version: "$LATEST",
    account: "000000000000",
    region: "us-east-1",
    runtime: "nodejs24.x",
    handler: "index.handler",
    timeoutSeconds: 3,
    memoryMB: 128,
    limits: { memoryMB: 128, vcpus: 0.1, pids: 1024, tmpMB: 512 },
    tree: { code: "/dev/null" },
    environment: {},
    credentials: { accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: "token" },
    logging: { group: "/aws/lambda/hello", format: "Text" },
    ...changes,
  };
}

export function testCall(changes: Partial<Call> = {}): Call {
  return {
    requestId: randomUUID(),
    payload: Buffer.from("{}"),
    invokedArn: "arn:aws:lambda:us-east-1:000000000000:function:hello",
    traceId: "Root=1-00000000-000000000000000000000000",
    tail: false,
    ...changes,
  };
}

export interface MemoryLog extends LogSink {
  readonly lines: string[];
  readonly streams: string[];
  /** Streams that are open. */
  openStreams: number;
}

export function memoryLog(): MemoryLog {
  const log: MemoryLog = {
    lines: [],
    streams: [],
    openStreams: 0,
    open({ stream }) {
      log.streams.push(stream);
      log.openStreams += 1;
      return {
        write: (_time, message) => void log.lines.push(message),
        close: () => void (log.openStreams -= 1),
      };
    },
  };
  return log;
}
