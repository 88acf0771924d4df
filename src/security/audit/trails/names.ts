/**
 * Keys of objects, as CloudTrail names them.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-find-log-files.html
 */
import { hash } from "node:crypto";
import type { Trail } from "./contract.ts";

/** `20261123T163618Z` */
export function compactTime(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace(/\.\d{3}Z$/, "Z")
    .replaceAll(/[-:]/g, "");
}

/** The same records have the same name, so that a file that is written again after a kill takes its own place. */
export function logFileKey(trail: Trail, firstRecord: number, at: number): string {
  const { account, region, name } = trail;
  const time = compactTime(at);
  const unique = hash("sha256", `${account}/${region}/${name}/${firstRecord}`, "hex").slice(0, 16);
  const minute = `${time.slice(0, 13)}Z`;
  return `${folder(trail, "CloudTrail", time)}/${account}_CloudTrail_${region}_${minute}_${unique}.json.gz`;
}

export function digestKey(trail: Trail, end: number): string {
  const { account, region, name } = trail;
  const time = compactTime(end);
  const file = `${account}_CloudTrail-Digest_${region}_${name}_${region}_${time}.json.gz`;
  return `${folder(trail, "CloudTrail-Digest", time)}/${file}`;
}

function folder({ account, region, prefix }: Trail, kind: string, time: string): string {
  const day = `${time.slice(0, 4)}/${time.slice(4, 6)}/${time.slice(6, 8)}`;
  return `${prefix === "" ? "" : `${prefix}/`}AWSLogs/${account}/${kind}/${region}/${day}`;
}
