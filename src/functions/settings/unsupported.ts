/**
 * Members of requests that Kiln cannot honour. One is refused where ignoring it would surprise: code would be missing,
 * or run where it should not, or be stored in another way than asked. Empty values ask for nothing and pass.
 */
import type {
  CreateFunctionRequest,
  PublishVersionRequest,
  UpdateFunctionCodeRequest,
  UpdateFunctionConfigurationRequest,
} from "@aws-sdk/client-lambda";
import { unsupported } from "../errors.ts";

type AnyRequest = Partial<
  CreateFunctionRequest & UpdateFunctionCodeRequest & UpdateFunctionConfigurationRequest & PublishVersionRequest
>;

const rules: readonly { member: string; asked(request: AnyRequest): boolean; reason: string }[] = [
  {
    member: "CapacityProviderConfig",
    asked: (r) => hasContent(r.CapacityProviderConfig),
    reason: "functions run on demand only.",
  },
  { member: "DurableConfig", asked: (r) => hasContent(r.DurableConfig), reason: "there is no durable execution." },
  {
    member: "PublishTo",
    asked: (r) => r.PublishTo !== undefined,
    reason: "versions are published under numbers only.",
  },
];

export function refuseUnsupported(request: AnyRequest): void {
  for (const rule of rules) {
    if (rule.asked(request)) throw unsupported(rule.member, rule.reason);
  }
}

/** Whether anything is set anywhere in the value: `{ SubnetIds: [] }` and `{}` have no content. */
function hasContent(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return typeof value === "object" ? Object.values(value).some(hasContent) : true;
}
