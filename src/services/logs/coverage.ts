/** The members of the inputs of CloudWatch Logs that are not honoured, by operation; the others are. */
import { ignored, type CoverageTable } from "../coverage.ts";

const oneAccount = ignored("log groups of the caller's own account are the only ones");

export const logsCoverage: CoverageTable = {
  DeleteLogGroup: {},
  DescribeLogGroups: { accountIdentifiers: oneAccount, includeLinkedAccounts: oneAccount },
  DescribeLogStreams: {},
  FilterLogEvents: {
    interleaved: ignored("events are always interleaved, as on AWS"),
    unmask: ignored("nothing is masked"),
  },
  GetLogEvents: { unmask: ignored("nothing is masked") },
};
