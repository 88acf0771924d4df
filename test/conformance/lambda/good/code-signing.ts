import { CreateCodeSigningConfigCommand, PutFunctionCodeSigningConfigCommand } from "@aws-sdk/client-lambda";
import type { TestApi } from "../../../lambda/api.ts";
import { arn } from "../../../lambda/support.ts";
import { good, type GoodCase } from "../good-case.ts";
import { time } from "../match.ts";

const f = { FunctionName: "f" };
const publishers = {
  AllowedPublishers: { SigningProfileVersionArns: ["arn:aws:signer:us-east-1:123456789012:/signing-profiles/test"] },
};
const CodeSigningConfigArn = /^arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-[a-z0-9]{17}$/;
const config = {
  CodeSigningConfigId: /^csc-[a-z0-9]{17}$/,
  CodeSigningConfigArn,
  ...publishers,
  CodeSigningPolicies: { UntrustedArtifactOnDeployment: "Warn" },
  LastModified: time,
};

async function create({ client }: TestApi): Promise<string> {
  const answer = await client.send(new CreateCodeSigningConfigCommand(publishers));
  return answer.CodeSigningConfig?.CodeSigningConfigArn ?? "";
}

/** The input with the ARN of a new configuration. */
function withConfig<I extends object>(input: I) {
  return async (api: TestApi) => ({ ...input, CodeSigningConfigArn: await create(api) });
}

/** After `f` has begun to use a new configuration. */
function inUse<I extends object>(input: (arn: string) => I) {
  return async (api: TestApi): Promise<I> => {
    const CodeSigningConfigArn = await create(api);
    await api.client.send(new PutFunctionCodeSigningConfigCommand({ ...f, CodeSigningConfigArn }));
    return input(CodeSigningConfigArn);
  };
}

export const goodCodeSigningCases: GoodCase[] = [
  good("CreateCodeSigningConfig", "defaults", publishers, { status: 201, answer: { CodeSigningConfig: config } }),
  good(
    "CreateCodeSigningConfig",
    "everything",
    {
      ...publishers,
      Description: "text",
      CodeSigningPolicies: { UntrustedArtifactOnDeployment: "Enforce" },
      Tags: { a: "1" },
    },
    {
      status: 201,
      answer: {
        CodeSigningConfig: {
          ...config,
          Description: "text",
          CodeSigningPolicies: { UntrustedArtifactOnDeployment: "Enforce" },
        },
      },
    },
  ),
  good("GetCodeSigningConfig", "defaults", withConfig({}), { answer: { CodeSigningConfig: config } }),
  good("UpdateCodeSigningConfig", "nothing", withConfig({}), { answer: { CodeSigningConfig: config } }),
  good("UpdateCodeSigningConfig", "description", withConfig({ Description: "text" }), {
    answer: { CodeSigningConfig: { ...config, Description: "text" } },
  }),
  good("DeleteCodeSigningConfig", "unused", withConfig({}), { status: 204, answer: {} }),
  good("ListCodeSigningConfigs", "none", {}, { answer: { CodeSigningConfigs: [] } }),
  good(
    "ListCodeSigningConfigs",
    "one",
    async (api) => {
      await create(api);
      return {};
    },
    { answer: { CodeSigningConfigs: [config] } },
  ),
  good("PutFunctionCodeSigningConfig", "first", withConfig(f), { answer: { ...f, CodeSigningConfigArn } }),
  good(
    "GetFunctionCodeSigningConfig",
    "one",
    inUse(() => f),
    { answer: { ...f, CodeSigningConfigArn } },
  ),
  good("GetFunctionCodeSigningConfig", "none", f, { answer: {} }),
  good(
    "ListFunctionsByCodeSigningConfig",
    "one",
    inUse((used) => ({ CodeSigningConfigArn: used })),
    { answer: { FunctionArns: [arn("f")] } },
  ),
  good("ListFunctionsByCodeSigningConfig", "none", withConfig({}), { answer: { FunctionArns: [] } }),
  good(
    "DeleteFunctionCodeSigningConfig",
    "one",
    inUse(() => f),
    { status: 204, answer: {} },
  ),
  good("DeleteFunctionCodeSigningConfig", "none", f, { status: 204, answer: {} }),
];
