/** Names and ARNs of trails, and what a trail looks like in answers. */
import type { Trail as TrailShape } from "@aws-sdk/client-cloudtrail";
import { partitionOf } from "../../base/arn.ts";
import type { Trail, Trails } from "../../security/contract.ts";
import type { Caller } from "../../wire/contract.ts";
import { invalid, trailNotFound } from "./errors.ts";

type Who = Pick<Caller, "account" | "region">;

export function trailArn({ account, region, name }: Pick<Trail, "account" | "region" | "name">): string {
  return `arn:${partitionOf(region)}:cloudtrail:${region}:${account}:trail/${name}`;
}

/**
 * 3 to 128 letters, digits, `.`, `_`, `-`; a letter or digit first and last, none of the marks twice in a row, no IP
 * address. Throws ServiceError InvalidTrailNameException.
 */
export function checkName(name: string): void {
  const good = /^[a-zA-Z0-9][\w.-]{1,126}[a-zA-Z0-9]$/.test(name) && !/[._-]{2}/.test(name);
  if (good && !/^\d+\.\d+\.\d+\.\d+$/.test(name)) return;
  throw invalid(
    "InvalidTrailNameException",
    "Trail name must have 3 to 128 letters, digits, periods, underscores or dashes, start and end with a letter or digit, " +
      "have no two of the others in a row, and be no IP address.",
  );
}

/** A name means the caller's region. Throws ServiceError CloudTrailARNInvalidException. */
export function placeOf(nameOrArn: string, { account, region }: Who): Pick<Trail, "account" | "region" | "name"> {
  if (!nameOrArn.startsWith("arn:")) return { account, region, name: nameOrArn };
  const match = /^arn:[\w-]+:cloudtrail:([\w-]+):(\d{12}):trail\/([\w.-]+)$/.exec(nameOrArn);
  if (match === null) throw invalid("CloudTrailARNInvalidException", `${nameOrArn} is not the ARN of a trail.`);
  return { region: match[1] ?? "", account: match[2] ?? "", name: match[3] ?? "" };
}

/** Throws ServiceError TrailNotFoundException, also for what belongs to others. */
export async function findTrail(trails: Trails, nameOrArn: string, who: Who): Promise<Trail> {
  const place = placeOf(nameOrArn, who);
  const found = place.account === who.account && (await trails.get(place.account, place.region, place.name));
  if (!found) throw trailNotFound(trailArn(place), who.account);
  return found;
}

/** Throws ServiceError TrailNotFoundException. */
export async function changeTrail(
  trails: Trails,
  nameOrArn: string,
  who: Who,
  change: (trail: Trail) => Trail,
): Promise<Trail> {
  const { account, region, name } = await findTrail(trails, nameOrArn, who);
  const changed = await trails.change(account, region, name, change);
  if (changed === undefined) throw trailNotFound(trailArn({ account, region, name }), account);
  return changed;
}

export function shapeOf(trail: Trail): TrailShape {
  return {
    Name: trail.name,
    S3BucketName: trail.bucket,
    ...(trail.prefix === "" ? {} : { S3KeyPrefix: trail.prefix }),
    IncludeGlobalServiceEvents: trail.globalEvents,
    IsMultiRegionTrail: trail.multiRegion,
    HomeRegion: trail.region,
    TrailARN: trailArn(trail),
    LogFileValidationEnabled: trail.validated,
    HasCustomEventSelectors: true,
    HasInsightSelectors: false,
    IsOrganizationTrail: false,
  };
}
