/** Clients of the public API: the official SDK, as anyone else would use it. */
import type * as CloudTrailSdk from "@aws-sdk/client-cloudtrail";
import type * as LogsSdk from "@aws-sdk/client-cloudwatch-logs";
import type * as LambdaSdk from "@aws-sdk/client-lambda";
import { messageOf, systemCode } from "../base/errors.ts";
import { findEndpoint, type Endpoint } from "./endpoint.ts";
import { CommandError } from "./errors.ts";
import type { Input } from "./input.ts";
import { trusting } from "./trust.ts";

interface Client {
  destroy(): void;
}

/**
 * Runs `work` with a Lambda client, and says in plain words when nothing answers there. The SDK, which takes a quarter
 * of a second to load, is loaded here and handed on, so that help and usage errors come at once.
 */
export async function withLambda<T>(
  input: Input,
  work: (client: LambdaSdk.LambdaClient, sdk: typeof LambdaSdk) => Promise<T>,
): Promise<T> {
  const endpoint = await findEndpoint(input);
  const sdk = await import("@aws-sdk/client-lambda");
  return withClient(endpoint.url, new sdk.LambdaClient(settingsOf(endpoint)), (client) => work(client, sdk));
}

export async function withLogs<T>(
  input: Input,
  work: (client: LogsSdk.CloudWatchLogsClient) => Promise<T>,
): Promise<T> {
  const endpoint = await findEndpoint(input);
  const sdk = await import("@aws-sdk/client-cloudwatch-logs");
  return withClient(endpoint.url, new sdk.CloudWatchLogsClient(settingsOf(endpoint)), work);
}

export async function withCloudTrail<T>(
  input: Input,
  work: (client: CloudTrailSdk.CloudTrailClient, sdk: typeof CloudTrailSdk) => Promise<T>,
): Promise<T> {
  const endpoint = await findEndpoint(input);
  const sdk = await import("@aws-sdk/client-cloudtrail");
  return withClient(endpoint.url, new sdk.CloudTrailClient(settingsOf(endpoint)), (client) => work(client, sdk));
}

async function withClient<C extends Client, T>(url: string, client: C, work: (client: C) => Promise<T>): Promise<T> {
  try {
    return await work(client);
  } catch (thrown) {
    throw explainConnection(thrown, url);
  } finally {
    client.destroy();
  }
}

/** For any client of the SDK. */
export function settingsOf({ url, region, accessKeyId, secretAccessKey, caFile, certFile }: Endpoint) {
  const httpsAgent = trusting(caFile ?? certFile);
  // One attempt: a call that is tried again runs the function again, and a user at a terminal wants the first error.
  return {
    endpoint: url,
    region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    ...(httpsAgent && { requestHandler: { httpsAgent } }),
  };
}

const connectionErrors: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name is not known",
  EAI_AGAIN: "the name cannot be looked up",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ETIMEDOUT: "nothing answered in time",
  ECONNRESET: "the connection broke off",
  EPIPE: "the connection broke off",
};

const untrusted = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_HAS_EXPIRED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

function explainConnection(thrown: unknown, url: string): unknown {
  const code = systemCode(thrown) ?? systemCode(firstOf(thrown));
  if (code === "ECONNREFUSED") {
    return new CommandError(`Kiln is not running at ${url}; start it with \`kiln serve\`.`, undefined, thrown);
  }
  if (code !== undefined && untrusted.has(code)) {
    const hint = "For a local CA: `kiln tls trust` says how; AWS_CA_BUNDLE names a file with whom to trust.";
    return new CommandError(`The certificate of ${url} is not one to trust: ${messageOf(thrown)}.`, hint, thrown);
  }
  const words = code === undefined ? undefined : connectionErrors[code];
  if (words === undefined) return thrown;
  const hint = "Is the server still running there? Its output says more.";
  return new CommandError(`Kiln did not answer at ${url}: ${words}.`, hint, thrown);
}

/** A host name with several addresses fails with one error per address. */
function firstOf(thrown: unknown): unknown {
  return thrown instanceof AggregateError ? thrown.errors[0] : undefined;
}
