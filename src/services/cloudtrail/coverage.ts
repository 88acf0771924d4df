/** The members of the inputs of CloudTrail that are not honoured, by operation; the others are. */
import { ignored, partly, refused, type CoverageTable, type Exceptions } from "../coverage.ts";

const settings: Exceptions = {
  SnsTopicName: refused("trails tell nobody of their files"),
  CloudWatchLogsLogGroupArn: refused("trails deliver files"),
  CloudWatchLogsRoleArn: ignored("trails deliver files"),
  KmsKeyId: refused("files are not encrypted"),
  IsOrganizationTrail: refused("there are no organizations"),
};
const onePage = ignored("everything is on one page");
const selectors: Exceptions = {
  AdvancedEventSelectors: refused("a trail has event selectors"),
  EventSelectors: partly("data events of functions and queues, where KILN_AUDIT_DATA_EVENTS is on"),
};

export const cloudTrailCoverage: CoverageTable = {
  CreateTrail: { ...settings, TagsList: refused("trails have no tags") },
  DeleteTrail: {},
  DescribeTrails: {},
  GetEventSelectors: {},
  GetTrail: {},
  GetTrailStatus: {},
  ListPublicKeys: {
    StartTime: ignored("there is one key"),
    EndTime: ignored("there is one key"),
    NextToken: onePage,
  },
  ListTrails: { NextToken: onePage },
  LookupEvents: { EventCategory: partly("there are no insights") },
  PutEventSelectors: selectors,
  StartLogging: {},
  StopLogging: {},
  UpdateTrail: settings,
};
