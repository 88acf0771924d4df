import { platformEvents, type Level } from "./platform-events.ts";
import type { LogSubject, PlatformLog, WriteLine } from "./platform-log.ts";

const RANK: Readonly<Record<Level, number>> = { DEBUG: 0, INFO: 1, WARN: 2 };

/**
 * The JSON format: events of AWS's Telemetry API schema, one per line, kept or dropped by the function's system log level
 * (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html).
 */
export function jsonLog(subject: LogSubject, write: WriteLine, systemLevel = "INFO"): PlatformLog {
  const least = RANK[systemLevel as Level] ?? RANK.INFO;
  return platformEvents(subject, ({ level, type, record }) => {
    if (record === undefined || RANK[level] < least) return;
    write(JSON.stringify({ time: new Date().toISOString(), type, record }));
  });
}
