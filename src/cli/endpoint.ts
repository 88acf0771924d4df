/** Where Kiln is and who we are there. */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { systemCode } from "../base/errors.ts";
import { CommandError, UsageError } from "./errors.ts";
import type { Input } from "./input.ts";

export const DEFAULT_URL = "http://127.0.0.1:4566";
const DEFAULT_STATE = "/var/lib/kiln";
/** The account that a server has unless it is told otherwise. */
const DEFAULT_ACCOUNT = "000000000000";

export interface Endpoint {
  url: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** PEM file of whom to trust besides the system's list. */
  caFile?: string;
  /** The listener's own certificate, where no other file says whom to trust. */
  certFile?: string;
}

/** What a running server writes into its state directory. */
export interface EndpointFile extends Endpoint {
  pid: number;
  /** For AWS_DATA_PATH: endpoint rules for AWS CLIs that do not know AWS_ENDPOINT_URL. */
  dataPath?: string;
}

export function stateDirectory(input: Input): string {
  return resolve(input.text("state") ?? nonEmpty(process.env["KILN_STATE"]) ?? DEFAULT_STATE);
}

/**
 * `--endpoint`, AWS_ENDPOINT_URL, the state directory's endpoint.json, the default listener: the first that is there.
 * An explicit `--state` comes before AWS_ENDPOINT_URL. Where an address is given and no key, and the Kiln of the state
 * directory listens at that address, its key is used.
 */
export async function findEndpoint(input: Input): Promise<Endpoint> {
  const explicit = input.text("endpoint");
  if (explicit !== undefined) return ofAddress(input, explicit, "--endpoint");
  const variable = nonEmpty(process.env["AWS_ENDPOINT_URL"]);
  if (variable !== undefined && input.text("state") === undefined)
    return ofAddress(input, variable, "AWS_ENDPOINT_URL");
  const state = stateDirectory(input);
  const named = (input.text("state") ?? nonEmpty(process.env["KILN_STATE"])) !== undefined;
  const file = await readEndpointFile(state).catch((thrown: unknown) => {
    if (systemCode(thrown) !== "EACCES") throw thrown;
    if (named) throw notForThisUser(state, thrown);
    // Another user's state directory: the listener that Kiln has by default can be reached all the same.
    return undefined;
  });
  if (file !== undefined) return file;
  if (named) throw notRunningIn(state);
  return fromEnvironment(DEFAULT_URL, "");
}

async function ofAddress(input: Input, url: string, source: string): Promise<Endpoint> {
  const given = fromEnvironment(url, source);
  if (nonEmpty(process.env["AWS_ACCESS_KEY_ID"]) !== undefined) return given;
  const own = await readEndpointFile(stateDirectory(input)).catch(() => undefined);
  return own?.url === given.url ? own : given;
}

/** Undefined when no server has written it. */
export async function readEndpointFile(state: string): Promise<EndpointFile | undefined> {
  const path = join(state, "endpoint.json");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT" || systemCode(thrown) === "ENOTDIR") return undefined;
    throw thrown;
  }
  try {
    return JSON.parse(text) as EndpointFile;
  } catch (cause) {
    throw new CommandError(`${path} is not JSON.`, "Start Kiln again: it writes the file anew.", cause);
  }
}

export function notRunningIn(state: string): CommandError {
  return new CommandError(`No Kiln is running on the state directory ${state}.`, `Start it: ${serveCommand(state)}`);
}

export function notForThisUser(state: string, cause: unknown): CommandError {
  return new CommandError(
    `This user may not read ${state}/endpoint.json, which holds credentials.`,
    `Run it as the user that runs Kiln, for instance: eval "$(sudo kiln env)"`,
    cause,
  );
}

export function serveCommand(state: string): string {
  return state === DEFAULT_STATE ? "kiln serve" : `kiln serve --state ${state}`;
}

function fromEnvironment(url: string, source: string): Endpoint {
  if (!/^https?:\/\/[^/\s]+\/?$/.test(url) || !URL.canParse(url)) {
    throw new UsageError(`${source} is "${url}": it must be an address like ${DEFAULT_URL}.`);
  }
  const { env } = process;
  const bundle = nonEmpty(env["AWS_CA_BUNDLE"]);
  return {
    url: url.replace(/\/$/, ""),
    region: nonEmpty(env["AWS_REGION"]) ?? nonEmpty(env["AWS_DEFAULT_REGION"]) ?? "us-east-1",
    accessKeyId: nonEmpty(env["AWS_ACCESS_KEY_ID"]) ?? DEFAULT_ACCOUNT,
    secretAccessKey: nonEmpty(env["AWS_SECRET_ACCESS_KEY"]) ?? "kiln",
    ...(bundle === undefined || !url.startsWith("https:") ? {} : { caFile: bundle }),
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
