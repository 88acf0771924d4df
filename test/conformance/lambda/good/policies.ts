import { AddPermissionCommand } from "@aws-sdk/client-lambda";
import type { TestApi } from "../../../lambda/api.ts";
import { permission, policy, statement } from "../../../lambda/cases/policies.ts";
import { arn } from "../../../lambda/support.ts";
import { good, type GoodCase } from "../good-case.ts";
import { uuid } from "../match.ts";

const f = { FunctionName: "f" };
const text = (qualifier = "") =>
  `{"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"${arn("f")}${qualifier}"}`;
const document = (statement: string) => `{"Version":"2012-10-17","Id":"default","Statement":[${statement}]}`;

/** After `f`, or a version of it, has got the permission `s3`. */
function withPermission<I extends object>(input: I, FunctionName = "f") {
  return async ({ client }: TestApi): Promise<I> => {
    await client.send(new AddPermissionCommand(permission({ FunctionName })));
    return input;
  };
}

export const goodPolicyCases: GoodCase[] = [
  good("AddPermission", "of a function", permission(), { status: 201, answer: { Statement: text() } }),
  good("AddPermission", "of a version", permission({ Qualifier: "1" }), {
    status: 201,
    answer: { Statement: text(":1") },
  }),
  good("GetPolicy", "of a function", withPermission(f), { answer: { Policy: document(text()), RevisionId: uuid } }),
  good("GetPolicy", "of a version", withPermission({ FunctionName: `${arn("f")}:1` }, "f:1"), {
    answer: { Policy: document(text(":1")), RevisionId: uuid },
  }),
  good("RemovePermission", "the only one", withPermission({ ...f, StatementId: "s3" }), { status: 204, answer: {} }),
  good("GetResourcePolicy", "made of permissions", withPermission({ ResourceArn: arn("f") }), {
    answer: { Policy: document(text()), RevisionId: uuid },
  }),
  good(
    "PutResourcePolicy",
    "the first",
    { ResourceArn: arn("f"), Policy: policy(statement) },
    {
      answer: { Policy: policy(statement), RevisionId: uuid },
    },
  ),
  good("DeleteResourcePolicy", "made of permissions", withPermission({ ResourceArn: arn("f") }), {
    status: 204,
    answer: {},
  }),
];
