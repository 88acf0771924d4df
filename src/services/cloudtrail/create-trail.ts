import type { CreateTrailRequest, CreateTrailResponse } from "@aws-sdk/client-cloudtrail";
import type { Trail } from "../../security/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import type { CloudTrailDependencies } from "./dependencies.ts";
import { invalid, unsupported } from "./errors.ts";
import { checkName, shapeOf } from "./trail-names.ts";
import { checkSettings } from "./trail-settings.ts";

/** AWS's quota of trails in a region. */
const MOST = 5;

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html */
export function createTrail({
  trails,
  clock,
}: CloudTrailDependencies): Operation<CreateTrailRequest, CreateTrailResponse> {
  return async (input, { caller: { account, region } }) => {
    const { Name: name = "", S3BucketName: bucket = "", S3KeyPrefix = "" } = input;
    checkName(name);
    checkSettings({ ...input, S3BucketName: bucket });
    if ((input.TagsList ?? []).length > 0) throw unsupported("tags");
    const there = (await trails.list(account)).filter((trail) => trail.region === region);
    if (there.length >= MOST && !there.some((trail) => trail.name === name)) {
      throw invalid(
        "MaximumNumberOfTrailsExceededException",
        `User: ${account} already has ${MOST} trails in ${region}.`,
      );
    }
    const trail: Trail = {
      name,
      account,
      region,
      bucket,
      prefix: S3KeyPrefix.replace(/\/$/, ""),
      multiRegion: input.IsMultiRegionTrail ?? false,
      globalEvents: input.IncludeGlobalServiceEvents ?? true,
      validated: input.EnableLogFileValidation ?? false,
      selectors: [defaultSelector],
      logging: false,
      from: trails.next(),
      createdAt: clock(),
    };
    if (!(await trails.create(trail))) {
      throw invalid("TrailAlreadyExistsException", `Trail ${name} already exists for customer: ${account}`);
    }
    return shapeOf(trail);
  };
}

/** All management events and no others. */
const defaultSelector: Trail["selectors"][number] = {
  readWriteType: "All",
  includeManagementEvents: true,
  dataResources: [],
  excludeManagementEventSources: [],
};
