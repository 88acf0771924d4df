/** LoggingConfig: what is absent in a change stays as it was; levels exist only in the JSON format. */
import type { LoggingConfig } from "@aws-sdk/client-lambda";
import { invalidParameter } from "../errors.ts";

export function defaultLogging(functionName: string): LoggingConfig {
  return { LogFormat: "Text", LogGroup: `/aws/lambda/${functionName}` };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html */
export function changedLogging(current: LoggingConfig, change: LoggingConfig): LoggingConfig {
  const group = change.LogGroup ?? current.LogGroup;
  const format = change.LogFormat ?? current.LogFormat;
  if (format !== "JSON") {
    if (change.ApplicationLogLevel !== undefined || change.SystemLogLevel !== undefined) {
      throw invalidParameter(
        'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the LogFormat to "JSON" and try again.',
      );
    }
    return { LogFormat: "Text", LogGroup: group };
  }
  return {
    LogFormat: "JSON",
    ApplicationLogLevel: change.ApplicationLogLevel ?? current.ApplicationLogLevel ?? "INFO",
    SystemLogLevel: change.SystemLogLevel ?? current.SystemLogLevel ?? "INFO",
    LogGroup: group,
  };
}
