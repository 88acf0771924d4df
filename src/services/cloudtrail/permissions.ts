/**
 * What each operation of CloudTrail needs.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html
 */
import type { PermissionsOf, PermissionTable } from "../../security/contract.ts";
import { placeOf, trailArn } from "./trail-names.ts";

function onTrail(action: string, member: "Name" | "TrailName" = "Name"): PermissionsOf {
  return (input, { caller }) => {
    const name = input[member];
    const place = placeOf(typeof name === "string" ? name : "", caller);
    return [{ action: `cloudtrail:${action}`, resource: trailArn(place) }];
  };
}

function onAll(action: string): PermissionsOf {
  return () => [{ action: `cloudtrail:${action}`, resource: "*" }];
}

export const cloudTrailPermissions: PermissionTable = {
  CreateTrail: onTrail("CreateTrail"),
  DeleteTrail: onTrail("DeleteTrail"),
  DescribeTrails: onAll("DescribeTrails"),
  GetEventSelectors: onTrail("GetEventSelectors", "TrailName"),
  GetTrail: onTrail("GetTrail"),
  GetTrailStatus: onTrail("GetTrailStatus"),
  ListPublicKeys: onAll("ListPublicKeys"),
  ListTrails: onAll("ListTrails"),
  LookupEvents: onAll("LookupEvents"),
  PutEventSelectors: onTrail("PutEventSelectors", "TrailName"),
  StartLogging: onTrail("StartLogging"),
  StopLogging: onTrail("StopLogging"),
  UpdateTrail: onTrail("UpdateTrail"),
};
