/** CloudWatch Logs as its answers show it. */
import { defaults, type Observed } from "./observed.ts";

export const logs: Observed = {
  ...defaults,
  validationCode: "InvalidParameterException",
  internal: { code: "ServiceUnavailableException", message: "The service cannot complete the request.", status: 500 },
};
