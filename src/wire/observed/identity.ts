/** IAM and STS as their answers show them. Both speak the query protocol, whose codes have no `Exception` at their end. */
import { defaults, type Observed } from "./observed.ts";

const kibibyte = 1024;

export const iam: Observed = {
  ...defaults,
  validationCode: "ValidationError",
  internal: {
    code: "ServiceFailure",
    message: "The request processing has failed because of an unknown error.",
    status: 500,
  },
  // A policy document of the longest kind, percent-encoded, and room for the rest.
  defaultBodyLimit: 512 * kibibyte,
};

export const sts: Observed = {
  ...defaults,
  validationCode: "ValidationError",
  internal: { ...defaults.internal },
  // Without a signature, this much is read.
  defaultBodyLimit: 256 * kibibyte,
};
