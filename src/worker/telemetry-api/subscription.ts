/**
 * What an extension asks for when it subscribes, checked
 * (https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-logs-api.html).
 */
import { RUNTIME_API_PORT } from "../../sandbox/contract.ts";
import type { Stream, TelemetryApi } from "./event.ts";

export interface Buffering {
  maxItems: number;
  maxBytes: number;
  /** ms that a batch may wait. */
  timeoutMs: number;
}

export type Destination =
  | { protocol: "HTTP"; port: number; path: string; method: "POST" | "PUT" }
  | { protocol: "TCP"; port: number };

export interface Subscription {
  api: TelemetryApi;
  schemaVersion: string;
  types: readonly Stream[];
  buffering: Buffering;
  destination: Destination;
}

const SCHEMAS: Readonly<Record<TelemetryApi, readonly string[]>> = {
  telemetry: ["2022-07-01", "2022-12-13", "2025-01-29"],
  logs: ["2020-08-15", "2021-03-18"],
};

/** Default, least and most. */
const BOUNDS = {
  maxItems: [10_000, 1000, 10_000],
  maxBytes: [262_144, 262_144, 1_048_576],
  timeoutMs: [1000, 25, 30_000],
} as const;

const HOSTS = ["sandbox.localdomain", "sandbox"];

type Json = Readonly<Record<string, unknown>>;

/** A subscription, or everything that is wrong with it, in one sentence as AWS answers it. */
export function parseSubscription(api: TelemetryApi, body: Uint8Array): Subscription | string {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return "request body is not valid JSON";
  }
  if (!isObject(value)) return "request body is not a JSON object";
  const problems: string[] = [];
  const schemaVersion = readSchema(api, value, problems);
  const types = readTypes(value, problems);
  const buffering = readBuffering(value, problems);
  const destination = readDestination(api, value, problems);
  if (problems.length > 0 || destination === undefined) return problems.join("; ");
  return { api, schemaVersion, types, buffering, destination };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readSchema(api: TelemetryApi, value: Json, problems: string[]): string {
  const known = SCHEMAS[api];
  const wanted = value["schemaVersion"] ?? (api === "logs" ? known[0] : undefined);
  if (typeof wanted === "string" && known.includes(wanted)) return wanted;
  problems.push(
    wanted === undefined ? "schemaVersion is not provided" : `schemaVersion should be one of ${known.join(", ")}`,
  );
  return "";
}

function readTypes(value: Json, problems: string[]): Stream[] {
  const types = value["types"];
  if (!Array.isArray(types) || types.length === 0) {
    problems.push("types should not be empty");
    return [];
  }
  const known = types.filter(
    (type): type is Stream => type === "platform" || type === "function" || type === "extension",
  );
  if (known.length < types.length) problems.push("types should be platform, function or extension");
  return [...new Set(known)];
}

function readBuffering(value: Json, problems: string[]): Buffering {
  const given = value["buffering"] ?? {};
  if (!isObject(given)) problems.push("buffering should be an object");
  const read = (name: keyof typeof BOUNDS): number => {
    const [normal, least, most] = BOUNDS[name];
    const number = isObject(given) ? (given[name] ?? normal) : normal;
    if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= most) return number;
    problems.push(`buffering.${name} should be between ${least} and ${most}`);
    return normal;
  };
  return { maxItems: read("maxItems"), maxBytes: read("maxBytes"), timeoutMs: read("timeoutMs") };
}

function readDestination(api: TelemetryApi, value: Json, problems: string[]): Destination | undefined {
  const given = value["destination"];
  if (!isObject(given)) {
    problems.push("destination is not provided");
    return undefined;
  }
  const { protocol = "HTTP", port, URI: uri, method = "POST" } = given;
  if (protocol === "TCP") {
    if (portIsFree(port)) return { protocol, port };
    problems.push(port === undefined ? "port is not provided" : "port is not valid");
    return undefined;
  }
  if (protocol !== "HTTP") problems.push("protocol should be HTTP or TCP");
  if (method !== "POST" && !(api === "logs" && method === "PUT")) problems.push("method is not valid");
  const target = readUri(uri, problems);
  return target === undefined ? undefined : { protocol: "HTTP", ...target, method: method === "PUT" ? "PUT" : "POST" };
}

function readUri(uri: unknown, problems: string[]): { port: number; path: string } | undefined {
  if (typeof uri !== "string" || uri === "") {
    problems.push("URI is not provided");
    return undefined;
  }
  const url = uri.length <= 2048 && URL.canParse(uri) ? new URL(uri) : undefined;
  if (url === undefined || url.protocol !== "http:") {
    problems.push("URI is not valid: only http is supported");
    return undefined;
  }
  if (!HOSTS.includes(url.hostname)) problems.push("URI host should be sandbox.localdomain");
  // URL drops the default port of its scheme, which is a port like any other here.
  const port = url.port === "" && /^http:\/\/[^/?#]*:0*80(?:[/?#]|$)/i.test(uri) ? 80 : Number(url.port);
  if (port === 0) problems.push("URI port is not provided");
  else if (!portIsFree(port)) problems.push(`URI port ${RUNTIME_API_PORT} is reserved`);
  return { port, path: `${url.pathname}${url.search}` };
}

function portIsFree(port: unknown): port is number {
  return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536 && port !== RUNTIME_API_PORT;
}
