import { setTimeout as sleep } from "node:timers/promises";
import { GetFunctionConfigurationCommand, type FunctionConfiguration, type LambdaClient } from "@aws-sdk/client-lambda";
import { CommandError } from "../errors.ts";

const POLL_MS = 100;
const GIVE_UP_MS = 5 * 60_000;

/**
 * Waits until the function is Active and its last update Successful
 * (https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html). Throws with the reason when it has failed.
 */
export async function settled(
  client: LambdaClient,
  name: string,
  say: (text: string) => void,
): Promise<FunctionConfiguration> {
  for (const start = Date.now(); Date.now() - start < GIVE_UP_MS; await sleep(POLL_MS)) {
    const configuration = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = configuration;
    if (State === "Failed")
      throw new CommandError(`${name} could not be made ready: ${StateReason ?? "no reason given"}`);
    if (LastUpdateStatus === "Failed") {
      throw new CommandError(
        `The update of ${name} failed: ${LastUpdateStatusReason ?? "no reason given"}`,
        "Calls still run the code and configuration from before.",
      );
    }
    if (State !== "Pending" && LastUpdateStatus !== "InProgress") return configuration;
    say(State === "Pending" ? "waiting until the function is active" : "waiting until the update is done");
  }
  throw new CommandError(`${name} was not ready after five minutes.`, "The output of `kiln serve` may say why.");
}
