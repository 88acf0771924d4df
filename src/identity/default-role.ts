import { ServiceError } from "../base/errors.ts";
import type { Entities } from "./entities.ts";

/** The role of functions that `kiln deploy` makes without one: Lambda may take it, and nothing is granted to it. */
const NAME = "kiln-default";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** Makes it where it is not there. */
export async function requireDefaultRole(entities: Entities, account: string): Promise<void> {
  try {
    const role = {
      trust,
      description: "For functions that kiln deploy makes without a role",
      maxSessionDuration: 3600,
    };
    await entities.create({ account, kind: "role", name: NAME, role });
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== "EntityAlreadyExists") throw error;
  }
}
