import type { Assignment, LogSink, LogStream } from "../contract.ts";
import type { Telemetry } from "../telemetry-api/index.ts";
import { withSubscribers } from "./platform-both.ts";
import { platformEvents } from "./platform-events.ts";
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
  /** From now on subscribers of this guest hear of everything too. */
  attach(telemetry: Telemetry): void;
  /** From now on, lines are also kept for the caller. */
  startTail(): void;
  /** Undefined when `startTail` was not called. */
  takeTail(): Uint8Array | undefined;
  close(): void;
}

export function createEnvironmentLog(sink: LogSink, assignment: Assignment, subject: LogSubject): EnvironmentLog {
  const { account, region, logging } = assignment;
  const stream: LogStream = sink.open({ account, region, group: logging.group, stream: subject.logStream });
  const json = logging.format === "JSON";
  let tail: Tail | undefined;
  let telemetry: Telemetry | undefined;
  function write(text: string): void {
    stream.write(Date.now(), text);
    tail?.add(text);
  }

  function line(type: "function" | "extension", text: string): void {
    write(text);
    if (telemetry?.active !== true) return;
    telemetry.publish({
      stream: type,
      timeMs: Date.now(),
      type,
      record: json ? jsonLine(text) : text,
      logsRecord: text,
    });
  }

  const events = platformEvents(subject, ({ type, record, more, logsRecord }) =>
    telemetry?.publish({
      stream: "platform",
      timeMs: Date.now(),
      type,
      record: more === undefined ? record : { ...record, ...more },
      logsRecord,
    }),
  );
  const log = json ? jsonLog(subject, write, logging.systemLevel) : textLog(subject, write);
  const platform = withSubscribers(log, events, () => telemetry?.active === true);
  return {
    platform,
    line: (text) => line("function", text),
    extensionLine: (text) => line("extension", text),
    attach(to) {
      telemetry = to;
      to.listener = {
        subscribed: (name, { api, types }, again) =>
          platform.subscribed({ api, name, types, state: again ? "Already subscribed" : "Subscribed" }),
        dropped: (dropped) => platform.logsDropped(dropped),
      };
    },
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

/** In the JSON format, subscribers get what is an object as one. */
function jsonLine(text: string): unknown {
  if (!text.startsWith("{")) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
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
