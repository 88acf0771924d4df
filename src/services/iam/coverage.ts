/** The members of the inputs of IAM that are not honoured, by operation; the others are. */
import { ignored, refused, type CoverageTable } from "../coverage.ts";
import { iamOperations } from "./operations.ts";

const none = refused("no service here needs a service-linked role");

export const iamCoverage: CoverageTable = {
  ...Object.fromEntries(Object.keys(iamOperations).map((operation) => [operation, {}])),
  CreateServiceLinkedRole: { AWSServiceName: none, Description: none, CustomSuffix: none },
  ListPolicies: { PolicyUsageFilter: ignored("policies are listed whatever they are used for") },
};
