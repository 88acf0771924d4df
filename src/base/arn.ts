/** Amazon Resource Names of functions and layers, and the ways in which callers may name a function. */
import type { Scope } from "./scope.ts";

/** The partition that AWS puts a region in. */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  if (region.startsWith("eusc-")) return "aws-eusc";
  if (region.startsWith("us-iso-")) return "aws-iso";
  if (region.startsWith("us-isob-")) return "aws-iso-b";
  if (region.startsWith("us-isof-")) return "aws-iso-f";
  if (region.startsWith("eu-isoe-")) return "aws-iso-e";
  return "aws";
}

/** `arn:aws:lambda:REGION:ACCOUNT:function:NAME`, followed by `:QUALIFIER` when there is one. */
export function functionArn(scope: Scope, name: string, qualifier?: string): string {
  const arn = `arn:${partitionOf(scope.region)}:lambda:${scope.region}:${scope.account}:function:${name}`;
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}

/** `arn:aws:lambda:REGION:ACCOUNT:event-source-mapping:UUID` */
export function eventSourceMappingArn(scope: Scope, uuid: string): string {
  return `arn:${partitionOf(scope.region)}:lambda:${scope.region}:${scope.account}:event-source-mapping:${uuid}`;
}

/** `arn:aws:lambda:REGION:ACCOUNT:layer:NAME`, followed by `:VERSION` when there is one. */
export function layerArn(owner: Scope, name: string, version?: number): string {
  const arn = `arn:${partitionOf(owner.region)}:lambda:${owner.region}:${owner.account}:layer:${name}`;
  return version === undefined ? arn : `${arn}:${version}`;
}

const layerPattern =
  /^arn:aws[a-zA-Z-]*:lambda:(?<region>[a-z0-9-]+):(?<account>\d{12}):layer:(?<name>[a-zA-Z0-9-_]{1,140})(?::(?<version>\d{1,15}))?$/;

/** Undefined when the text is not the ARN of a layer, or of a version of one. */
export function parseLayerArn(text: string): { owner: Scope; name: string; version?: number } | undefined {
  const groups = layerPattern.exec(text)?.groups;
  const { region, account, name, version } = groups ?? {};
  if (region === undefined || account === undefined || name === undefined) return undefined;
  return { owner: { account, region }, name, ...(version === undefined ? {} : { version: Number(version) }) };
}

/** `arn:aws:lambda:REGION:ACCOUNT:KIND:ID`, for instance of a code signing configuration. */
export function resourceArn(scope: Scope, kind: string, id: string): string {
  return `arn:${partitionOf(scope.region)}:lambda:${scope.region}:${scope.account}:${kind}:${id}`;
}

/** A function as a caller named it; what the caller left out is absent. */
export interface FunctionReference {
  name: string;
  region?: string;
  account?: string;
  qualifier?: string;
}

/**
 * AWS's own pattern of `FunctionName`, anchored and with names for its groups: a name, a partial ARN
 * (`123456789012:function:name`) or a full ARN, each with an optional qualifier.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
 */
const referencePattern =
  /^(?:arn:(?:aws[a-zA-Z-]*)?:lambda:)?(?:(?<region>(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?(?:(?<account>\d{12}):)?(?:function:)?(?<name>[a-zA-Z0-9-_.]+)(?::(?<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?$/;

const plainName = /^[a-zA-Z0-9-_.]+$/;

/** Undefined when the text is none of the ways to name a function. */
export function parseFunctionReference(text: string): FunctionReference | undefined {
  // All but the name comes with a colon.
  if (!text.includes(":")) return plainName.test(text) ? { name: text } : undefined;
  const groups = referencePattern.exec(text)?.groups;
  if (groups?.name === undefined) return undefined;
  return {
    name: groups.name,
    ...(groups.region === undefined ? {} : { region: groups.region }),
    ...(groups.account === undefined ? {} : { account: groups.account }),
    ...(groups.qualifier === undefined ? {} : { qualifier: groups.qualifier }),
  };
}
