/**
 * What each operation of Lambda needs: its action, the resources, and Lambda's condition keys.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
 */
import {
  eventSourceMappingArn,
  functionArn,
  layerArn,
  parseLayerArn,
  partitionOf,
  parseFunctionReference,
  type FunctionReference,
} from "../../base/arn.ts";
import type { Permission, PermissionTable } from "../../security/contract.ts";
import type { CallContext } from "../../wire/contract.ts";

type Needs = (input: Input, context: CallContext) => readonly Permission[];
type Input = Readonly<Record<string, unknown>>;
type Keys = NonNullable<Permission["keys"]>;
type KeysOf = (input: Input, context: CallContext) => Keys;

const none: KeysOf = () => ({});

function text(input: Input, member: string): string | undefined {
  const value = input[member];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The ARN that a name, a partial ARN or an ARN means; of a version or an alias where one is named. */
function arnOf(input: Input, { caller }: CallContext, qualified: boolean): string {
  const named = text(input, "FunctionName") ?? "";
  const reference: Partial<FunctionReference> = parseFunctionReference(named) ?? {};
  const { name = named, account = caller.account, region = caller.region } = reference;
  const qualifier = qualified ? (text(input, "Qualifier") ?? reference.qualifier) : undefined;
  return functionArn({ account, region }, name, qualifier);
}

function onFunction(action: string, { qualified = false, keys = none } = {}): Needs {
  return (input, context) => [
    {
      action: `lambda:${action}`,
      resource: arnOf(input, context, qualified),
      keys: keys(input, context),
      ownPolicy: true,
    },
  ];
}

const qualified = { qualified: true };

function onAnything(action: string, keys: KeysOf = none): Needs {
  return (input, context) => [{ action: `lambda:${action}`, resource: "*", keys: keys(input, context) }];
}

/** A layer, or with `version` one version of it; callers may give its ARN for a name. */
function onLayer(action: string, version: boolean): Needs {
  return (input, { caller }) => {
    const named = text(input, "LayerName") ?? "";
    const { owner = caller, name = named } = parseLayerArn(named) ?? {};
    const number = version ? Number(input["VersionNumber"]) : undefined;
    return [{ action: `lambda:${action}`, resource: layerArn(owner, name, number) }];
  };
}

function onMember(action: string, member: string, ownPolicy = false): Needs {
  return (input) => [{ action: `lambda:${action}`, resource: canonical(text(input, member)), ownPolicy }];
}

function onMapping(action: string, keys: KeysOf = none): Needs {
  return (input, context) => [
    {
      action: `lambda:${action}`,
      resource: eventSourceMappingArn(context.caller, (text(input, "UUID") ?? "").toLowerCase()),
      keys: keys(input, context),
    },
  ];
}

/**
 * In the one form that policies are compared with: operations find a resource under any partition, and a mapping by its id
 * in capitals, so a denial must find it too.
 */
function canonical(arn: string | undefined): string {
  const [, region = "", rest = ""] = /^arn:[^:]*:lambda:([^:]*):(.*)$/.exec(arn ?? "") ?? [];
  if (rest === "") return arn ?? "*";
  const whole = `arn:${partitionOf(region)}:lambda:${region}:${rest}`;
  return rest.includes(":event-source-mapping:") ? whole.toLowerCase() : whole;
}

function both(...all: readonly Needs[]): Needs {
  return (input, context) => all.flatMap((one) => one(input, context));
}

/** Who gives a role to a function has to be allowed to. https://docs.aws.amazon.com/lambda/latest/dg/permissions-user-function.html */
const passesRole: Needs = (input, context) => {
  const role = text(input, "Role");
  if (role === undefined) return [];
  const keys = {
    "iam:passedtoservice": "lambda.amazonaws.com",
    "iam:associatedresourcearn": arnOf(input, context, false),
  };
  return [{ action: "iam:PassRole", resource: role, keys }];
};

function lists(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : undefined;
}

/** An empty list asks for no network: a policy that wants one has to see that there is none. */
function filled(values: readonly string[] | undefined): readonly string[] | undefined {
  return values?.length === 0 ? undefined : values;
}

const settingKeys =
  (vpcOf: VpcOf): KeysOf =>
  (input) => {
    const vpc = (input["VpcConfig"] ?? {}) as Input;
    const subnets = filled(lists(vpc["SubnetIds"]));
    return {
      ...requestTags(input),
      "lambda:layer": lists(input["Layers"]),
      "lambda:subnetids": subnets,
      "lambda:vpcids": subnets && [...new Set(subnets.map(vpcOf))],
      "lambda:securitygroupids": filled(lists(vpc["SecurityGroupIds"])),
      "lambda:codesigningconfigarn": text(input, "CodeSigningConfigArn"),
    };
  };

/** Tags come as a map. */
function requestTags(input: Input): Keys {
  const tags = input["Tags"];
  if (typeof tags !== "object" || tags === null || Array.isArray(tags)) return {};
  const entries = Object.entries(tags as Record<string, unknown>);
  return {
    ...Object.fromEntries(entries.map(([key, value]) => [`aws:requesttag/${key.toLowerCase()}`, String(value)])),
    "aws:tagkeys": entries.map(([key]) => key),
  };
}

const urlKeys: KeysOf = (input) => ({ "lambda:functionurlauthtype": text(input, "AuthType") });
const grantKeys: KeysOf = (input) => ({
  "lambda:principal": text(input, "Principal"),
  "lambda:functionurlauthtype": text(input, "FunctionUrlAuthType"),
});
const mappingKeys: KeysOf = (input, context) => ({
  ...requestTags(input),
  ...(text(input, "FunctionName") === undefined ? {} : { "lambda:functionarn": arnOf(input, context, true) }),
  "lambda:eventsourcearn": text(input, "EventSourceArn"),
});

const onCodeSigning = (action: string): Needs => onMember(action, "CodeSigningConfigArn");

/** The VPC that a subnet is in. */
export type VpcOf = (subnet: string) => string;

export const lambdaPermissions = (vpcOf: VpcOf): PermissionTable => ({
  AddLayerVersionPermission: onLayer("AddLayerVersionPermission", true),
  AddPermission: onFunction("AddPermission", { qualified: true, keys: grantKeys }),
  CreateAlias: onFunction("CreateAlias"),
  CreateCodeSigningConfig: onAnything("CreateCodeSigningConfig", requestTags),
  CreateEventSourceMapping: onAnything("CreateEventSourceMapping", mappingKeys),
  CreateFunction: both(onFunction("CreateFunction", { keys: settingKeys(vpcOf) }), passesRole),
  CreateFunctionUrlConfig: onFunction("CreateFunctionUrlConfig", { qualified: true, keys: urlKeys }),
  DeleteAlias: onFunction("DeleteAlias"),
  DeleteCodeSigningConfig: onCodeSigning("DeleteCodeSigningConfig"),
  DeleteEventSourceMapping: onMapping("DeleteEventSourceMapping"),
  DeleteFunction: onFunction("DeleteFunction", qualified),
  DeleteFunctionCodeSigningConfig: onFunction("DeleteFunctionCodeSigningConfig"),
  DeleteFunctionConcurrency: onFunction("DeleteFunctionConcurrency"),
  DeleteFunctionEventInvokeConfig: onFunction("DeleteFunctionEventInvokeConfig", qualified),
  DeleteFunctionUrlConfig: onFunction("DeleteFunctionUrlConfig", qualified),
  DeleteLayerVersion: onLayer("DeleteLayerVersion", true),
  DeleteProvisionedConcurrencyConfig: onFunction("DeleteProvisionedConcurrencyConfig", qualified),
  DeleteResourcePolicy: onMember("DeleteResourcePolicy", "ResourceArn", true),
  GetAccountSettings: onAnything("GetAccountSettings"),
  GetAlias: onFunction("GetAlias"),
  GetCodeSigningConfig: onCodeSigning("GetCodeSigningConfig"),
  GetEventSourceMapping: onMapping("GetEventSourceMapping"),
  GetFunction: onFunction("GetFunction", qualified),
  GetFunctionCodeSigningConfig: onFunction("GetFunctionCodeSigningConfig"),
  GetFunctionConcurrency: onFunction("GetFunctionConcurrency"),
  GetFunctionConfiguration: onFunction("GetFunctionConfiguration", qualified),
  GetFunctionEventInvokeConfig: onFunction("GetFunctionEventInvokeConfig", qualified),
  GetFunctionRecursionConfig: onFunction("GetFunctionRecursionConfig"),
  GetFunctionUrlConfig: onFunction("GetFunctionUrlConfig", qualified),
  GetLayerVersion: onLayer("GetLayerVersion", true),
  GetLayerVersionByArn: onMember("GetLayerVersion", "Arn"),
  GetLayerVersionPolicy: onLayer("GetLayerVersionPolicy", true),
  GetPolicy: onFunction("GetPolicy", qualified),
  GetProvisionedConcurrencyConfig: onFunction("GetProvisionedConcurrencyConfig", qualified),
  GetResourcePolicy: onMember("GetResourcePolicy", "ResourceArn", true),
  GetRuntimeManagementConfig: onFunction("GetRuntimeManagementConfig", qualified),
  Invoke: onFunction("InvokeFunction", qualified),
  InvokeAsync: onFunction("InvokeAsync"),
  InvokeWithResponseStream: onFunction("InvokeFunction", qualified),
  ListAliases: onFunction("ListAliases"),
  ListCodeSigningConfigs: onAnything("ListCodeSigningConfigs"),
  ListEventSourceMappings: onAnything("ListEventSourceMappings"),
  ListFunctionEventInvokeConfigs: onFunction("ListFunctionEventInvokeConfigs"),
  ListFunctionUrlConfigs: onFunction("ListFunctionUrlConfigs"),
  ListFunctions: onAnything("ListFunctions"),
  ListFunctionsByCodeSigningConfig: onCodeSigning("ListFunctionsByCodeSigningConfig"),
  ListLayerVersions: onLayer("ListLayerVersions", false),
  ListLayers: onAnything("ListLayers"),
  ListProvisionedConcurrencyConfigs: onFunction("ListProvisionedConcurrencyConfigs"),
  ListTags: onMember("ListTags", "Resource"),
  ListVersionsByFunction: onFunction("ListVersionsByFunction"),
  PublishLayerVersion: onLayer("PublishLayerVersion", false),
  PublishVersion: onFunction("PublishVersion"),
  PutFunctionCodeSigningConfig: both(
    onFunction("PutFunctionCodeSigningConfig"),
    onCodeSigning("PutFunctionCodeSigningConfig"),
  ),
  PutFunctionConcurrency: onFunction("PutFunctionConcurrency"),
  PutFunctionEventInvokeConfig: onFunction("PutFunctionEventInvokeConfig", qualified),
  PutFunctionRecursionConfig: onFunction("PutFunctionRecursionConfig"),
  PutProvisionedConcurrencyConfig: onFunction("PutProvisionedConcurrencyConfig", qualified),
  PutResourcePolicy: onMember("PutResourcePolicy", "ResourceArn", true),
  PutRuntimeManagementConfig: onFunction("PutRuntimeManagementConfig", qualified),
  RemoveLayerVersionPermission: onLayer("RemoveLayerVersionPermission", true),
  RemovePermission: onFunction("RemovePermission", qualified),
  TagResource: (input) => [
    { action: "lambda:TagResource", resource: canonical(text(input, "Resource")), keys: requestTags(input) },
  ],
  UntagResource: (input) => [
    {
      action: "lambda:UntagResource",
      resource: canonical(text(input, "Resource")),
      keys: { "aws:tagkeys": lists(input["TagKeys"]) },
    },
  ],
  UpdateAlias: onFunction("UpdateAlias"),
  UpdateCodeSigningConfig: onCodeSigning("UpdateCodeSigningConfig"),
  UpdateEventSourceMapping: onMapping("UpdateEventSourceMapping", mappingKeys),
  UpdateFunctionCode: onFunction("UpdateFunctionCode"),
  UpdateFunctionConfiguration: both(
    onFunction("UpdateFunctionConfiguration", { keys: settingKeys(vpcOf) }),
    passesRole,
  ),
  UpdateFunctionEventInvokeConfig: onFunction("UpdateFunctionEventInvokeConfig", qualified),
  UpdateFunctionUrlConfig: onFunction("UpdateFunctionUrlConfig", { qualified: true, keys: urlKeys }),
});
