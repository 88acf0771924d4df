/** The streams that an extension can subscribe to. */
export type Stream = "platform" | "function" | "extension";

export type TelemetryApi = "telemetry" | "logs";

/** One event, before it is written for a subscriber. */
export interface TelemetryEvent {
  stream: Stream;
  /** ms since the epoch. */
  timeMs: number;
  /** `function`, `extension`, or for instance `platform.start`. */
  type: string;
  /** For subscribers of the Telemetry API; absent where it has no such event. */
  record?: unknown;
  /** The same for those of the Logs API. */
  logsRecord?: unknown;
}
