/** Which runtimes a function may be created with, or changed. */
import type { Runtime } from "@aws-sdk/client-lambda";
import type { RuntimeEntry, Runtimes } from "../../artifacts/contract.ts";
import type { Clock } from "../../base/clock.ts";
import { invalidParameter } from "../errors.ts";

export interface RuntimeRules {
  runtimes: Runtimes;
  clock: Clock;
}

export interface ChosenRuntime {
  id: Runtime;
  /** Empty when the image is still to be built, which the preparation of the function does. */
  versionArn: string;
}

/** A runtime that the caller names. Throws AWS's errors, and Kiln's own where the host cannot run it. */
export function chosenRuntime(rules: RuntimeRules, id: string, use: "create" | "update"): ChosenRuntime {
  const entry = rules.runtimes.entry(id);
  if (!entry) throw invalidParameter(unknownRuntime(rules, id));
  refuseBlocked(rules, entry, use);
  if (entry.unavailable !== undefined) {
    throw invalidParameter(`The runtime ${id} is not available on this host: ${entry.unavailable}`);
  }
  const image = rules.runtimes.image(id);
  if (!image && !rules.runtimes.ensure) {
    throw invalidParameter(
      `The image of the runtime ${id} has not been built on this host. Run "kiln runtimes build ${id}" and try again.`,
    );
  }
  return { id: id as Runtime, versionArn: image?.versionArn ?? "" };
}

/** AWS blocks updates of functions that stay on a runtime whose end has come. */
export function refuseUpdateOfBlocked(rules: RuntimeRules, id: string | undefined): void {
  const entry = id === undefined ? undefined : rules.runtimes.entry(id);
  if (entry) refuseBlocked(rules, entry, "update");
}

function refuseBlocked(rules: RuntimeRules, entry: RuntimeEntry, use: "create" | "update"): void {
  const date = use === "create" ? entry.blockCreate : entry.blockUpdate;
  if (date !== undefined && rules.clock() >= Date.parse(`${date}T00:00:00Z`)) {
    throw invalidParameter(
      `The runtime parameter of ${entry.id} is no longer supported for creating or updating AWS Lambda functions. ` +
        "We recommend you use a supported runtime while creating or updating functions.",
    );
  }
}

function unknownRuntime(rules: RuntimeRules, id: string): string {
  const now = rules.clock();
  const open = rules.runtimes
    .catalogue()
    .filter((entry) => entry.blockCreate === undefined || now < Date.parse(`${entry.blockCreate}T00:00:00Z`))
    .map((entry) => entry.id);
  return `Value ${id} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${open.join(", ")}] or be a valid ARN`;
}
