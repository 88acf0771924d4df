import { CreateAliasCommand, type CreateAliasRequest } from "@aws-sdk/client-lambda";
import type { TestApi } from "../../../lambda/api.ts";
import { arn } from "../../../lambda/support.ts";
import { good, type GoodCase } from "../good-case.ts";
import { uuid } from "../match.ts";

const f = { FunctionName: "f" };
const live = {
  AliasArn: `${arn("f")}:live`,
  Name: "live",
  FunctionVersion: "1",
  Description: "",
  RevisionId: uuid,
};

/** After `f` has got the alias `live` at version 1. */
function withAlias<I extends object>(input: I, changes: Partial<CreateAliasRequest> = {}) {
  return async ({ client }: TestApi): Promise<I> => {
    await client.send(new CreateAliasCommand({ ...f, Name: "live", FunctionVersion: "1", ...changes }));
    return input;
  };
}

export const aliasCases: GoodCase[] = [
  good("CreateAlias", "defaults", { ...f, Name: "live", FunctionVersion: "1" }, { status: 201, answer: live }),
  good(
    "CreateAlias",
    "of $LATEST, with all that it can have",
    {
      FunctionName: arn("f"),
      Name: "live",
      FunctionVersion: "$LATEST",
      Description: "text",
      RoutingConfig: { AdditionalVersionWeights: {} },
    },
    { status: 201, answer: { ...live, FunctionVersion: "$LATEST", Description: "text" } },
  ),
  good("GetAlias", "defaults", withAlias({ ...f, Name: "live" }), { answer: live }),
  good("UpdateAlias", "nothing", withAlias({ ...f, Name: "live" }, { Description: "text" }), {
    answer: { ...live, Description: "text" },
  }),
  good(
    "UpdateAlias",
    "version and description",
    withAlias({ ...f, Name: "live", FunctionVersion: "$LATEST", Description: "other" }, { Description: "text" }),
    { answer: { ...live, FunctionVersion: "$LATEST", Description: "other" } },
  ),
  good("ListAliases", "of a function", withAlias({ ...f }), { answer: { Aliases: [live] } }),
  good("ListAliases", "none", { ...f }, { answer: { Aliases: [] } }),
  good("ListAliases", "of a version", withAlias({ ...f, FunctionVersion: "1" }), { answer: { Aliases: [live] } }),
  good("ListAliases", "of another version", withAlias({ ...f, FunctionVersion: "$LATEST" }), {
    answer: { Aliases: [] },
  }),
  good("DeleteAlias", "there", withAlias({ ...f, Name: "live" }), { status: 204, answer: {} }),
  good("DeleteAlias", "not there", { ...f, Name: "live" }, { status: 204, answer: {} }),
];
