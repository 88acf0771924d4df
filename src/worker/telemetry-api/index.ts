export { subscribe, telemetryApiOf } from "./subscribe.ts";
export { Telemetry } from "./telemetry.ts";
export type { Stream, TelemetryApi, TelemetryEvent } from "./event.ts";
export type { Dropped } from "./subscriber.ts";
