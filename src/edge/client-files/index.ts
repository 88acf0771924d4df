/**
 * What local clients read to find a running Kiln: `endpoint.json` (for the kiln command) and, for AWS CLIs that are older
 * than AWS_ENDPOINT_URL (before 2.13; Debian 12 has 2.9), a botocore data directory whose endpoint rules lead here.
 */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { endpointRules } from "./endpoint-rules.ts";

export interface Endpoint {
  /** `http://host:port`, or `https://…` */
  url: string;
  /** PEM file with what clients have to trust; absent where nothing out of the ordinary is needed. */
  caFile?: string | undefined;
  /** PEM file with the listener's own certificate, which the kiln command trusts; absent where `caFile` says enough. */
  certFile?: string | undefined;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  pid: number;
  /** Value of AWS_DATA_PATH. */
  dataPath: string;
}

/** Botocore's name and API version of each service that Kiln has. */
const services = [
  ["iam", "2010-05-08"],
  ["lambda", "2015-03-31"],
  ["logs", "2014-03-28"],
  ["sts", "2011-06-15"],
] as const;

async function writeAside(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, content, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Readable by the owner of the state directory only. Written when the listener is open, so that a reader finds it there. */
export async function writeClientFiles(stateDir: string, endpoint: Omit<Endpoint, "dataPath">): Promise<void> {
  const dataPath = join(stateDir, "aws-data");
  for (const [service, version] of services) {
    const folder = join(dataPath, service, version);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeAside(join(folder, "endpoint-rule-set-1.json"), JSON.stringify(endpointRules(endpoint.url)));
  }
  await writeAside(
    join(stateDir, "endpoint.json"),
    `${JSON.stringify({ ...endpoint, dataPath } satisfies Endpoint, undefined, 2)}\n`,
  );
}

export async function removeClientFiles(stateDir: string): Promise<void> {
  await rm(join(stateDir, "endpoint.json"), { force: true });
  await rm(join(stateDir, "aws-data"), { recursive: true, force: true });
}
