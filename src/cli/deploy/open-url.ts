import {
  CreateFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  type FunctionUrlConfig,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { CommandError } from "../errors.ts";

/** The function's URL, which anyone may call; it is created where there is none, and stays the same afterwards. */
export async function openUrl(client: LambdaClient, name: string): Promise<string> {
  const { FunctionUrl, AuthType } = (await find(client, name)) ?? (await create(client, name));
  if (FunctionUrl === undefined) throw new CommandError(`Kiln has named no URL for ${name}.`);
  if (AuthType === "NONE") return FunctionUrl;
  throw new CommandError(
    `${name} is deployed, and has a URL already, which only signed requests may call (AuthType ${AuthType}): ${FunctionUrl}`,
    "Open it to everyone with: aws lambda update-function-url-config --auth-type NONE --function-name NAME",
  );
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
