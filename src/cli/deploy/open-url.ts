import {
  AddPermissionCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  type AddPermissionRequest,
  type FunctionUrlConfig,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { CommandError } from "../errors.ts";

/** The function's URL, which anyone may call; it is created where there is none, and stays the same afterwards. */
export async function openUrl(client: LambdaClient, name: string): Promise<string> {
  const { FunctionUrl, AuthType } = (await find(client, name)) ?? (await create(client, name));
  if (FunctionUrl === undefined) throw new CommandError(`Kiln has named no URL for ${name}.`);
  if (AuthType === "NONE") {
    for (const permission of permissions) await allow(client, { ...permission, FunctionName: name, Principal: "*" });
    return FunctionUrl;
  }
  throw new CommandError(
    `${name} is deployed, and has a URL already, which only signed requests may call (AuthType ${AuthType}): ${FunctionUrl}`,
    "Open it to everyone with: aws lambda update-function-url-config --auth-type NONE --function-name NAME",
  );
}

type Permission = Pick<
  AddPermissionRequest,
  "StatementId" | "Action" | "FunctionUrlAuthType" | "InvokedViaFunctionUrl"
>;

/** Both are needed for everyone to call (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html), with AWS's names. */
const permissions: readonly Permission[] = [
  {
    StatementId: "FunctionURLAllowPublicAccess",
    Action: "lambda:InvokeFunctionUrl",
    FunctionUrlAuthType: "NONE",
  },
  {
    StatementId: "FunctionURLInvokeAllowPublicAccess",
    Action: "lambda:InvokeFunction",
    InvokedViaFunctionUrl: true,
  },
];

/** A statement of that name that is there already is the one of an earlier deployment. */
async function allow(client: LambdaClient, permission: AddPermissionRequest): Promise<void> {
  try {
    await client.send(new AddPermissionCommand(permission));
  } catch (thrown) {
    if (!(thrown instanceof Error) || thrown.name !== "ResourceConflictException") throw thrown;
  }
}

type Found = Pick<FunctionUrlConfig, "FunctionUrl" | "AuthType">;

async function find(client: LambdaClient, name: string): Promise<Partial<Found> | undefined> {
  try {
    return await client.send(new GetFunctionUrlConfigCommand({ FunctionName: name }));
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === "ResourceNotFoundException") return undefined;
    throw thrown;
  }
}

function create(client: LambdaClient, name: string): Promise<Partial<Found>> {
  return client.send(new CreateFunctionUrlConfigCommand({ FunctionName: name, AuthType: "NONE" }));
}
