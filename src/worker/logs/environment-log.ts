import type { Assignment, LogSink, LogStream } from "../contract.ts";
import { jsonLog } from "./platform-json.ts";
import type { LogSubject, PlatformLog } from "./platform-log.ts";
import { textLog } from "./platform-text.ts";
import { createTail, type Tail } from "./tail.ts";

/** The log of one environment: one stream, and the tail of the call that runs now if its caller wants it. */
export interface EnvironmentLog {
  readonly platform: PlatformLog;
  /** One line of the function. */
  line(text: string): void;
  /** One line of an extension. */
  extensionLine(text: string): void;
  /** From now on, lines are also kept for the caller. */
  startTail(): void;
  /** Undefined when `startTail` was not called. */
  takeTail(): Uint8Array | undefined;
  close(): void;
}

export function createEnvironmentLog(sink: LogSink, assignment: Assignment, subject: LogSubject): EnvironmentLog {
  const { account, region, logging } = assignment;
  const stream: LogStream = sink.open({ account, region, group: logging.group, stream: subject.logStream });
  let tail: Tail | undefined;
  function line(text: string): void {
    stream.write(Date.now(), text);
    tail?.add(text);
  }
  return {
    platform: logging.format === "JSON" ? jsonLog(subject, line, logging.systemLevel) : textLog(subject, line),
    line,
    extensionLine: line,
    startTail() {
      tail = createTail();
    },
    takeTail() {
      const taken = tail?.take();
      tail = undefined;
      return taken;
    },
    close: () => stream.close(),
  };
}

/**
 * Name of an environment's log stream: `2026/11/23/[$LATEST]<id>`; in a group that is not the function's own, the
 * function's name is part of it, because other functions may write there too.
 */
export function logStreamName(assignment: Assignment, startedAt: Date, id: string): string {
  const day = startedAt.toISOString().slice(0, 10).replaceAll("-", "/");
  const own = assignment.logging.group === `/aws/lambda/${assignment.functionName}`;
  return `${day}/${own ? "" : assignment.functionName}[${assignment.version}]${id}`;
}
