/** Code signing configurations as the API shows them. */
import type { CodeSigningConfig } from "@aws-sdk/client-lambda";
import { resourceArn } from "../../base/arn.ts";
import type { Scope } from "../../base/scope.ts";
import type { CodeSigningConfigDocument } from "../../functions/index.ts";
import { awsTime } from "./shapes.ts";

export function codeSigningConfig(scope: Scope, config: CodeSigningConfigDocument): CodeSigningConfig {
  return {
    CodeSigningConfigId: config.id,
    CodeSigningConfigArn: resourceArn(scope, "code-signing-config", config.id),
    ...(config.description === undefined ? {} : { Description: config.description }),
    AllowedPublishers: { SigningProfileVersionArns: config.allowedPublishers },
    CodeSigningPolicies: { UntrustedArtifactOnDeployment: config.policy },
    LastModified: awsTime(config.lastModified),
  };
}
