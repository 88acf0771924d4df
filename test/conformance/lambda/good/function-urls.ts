import { CreateFunctionUrlConfigCommand, type Cors } from "@aws-sdk/client-lambda";
import type { TestApi } from "../../../lambda/api.ts";
import { arn } from "../../../lambda/support.ts";
import { good, type GoodCase } from "../good-case.ts";

const f = { FunctionName: "f" };
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const created = {
  FunctionUrl: /^http:\/\/[a-z2-7]{32}\.lambda-url\.us-east-1\.localhost:\d+\/$/,
  FunctionArn: arn("f"),
  AuthType: "NONE",
  CreationTime: instant,
};
const changed = { ...created, LastModifiedTime: instant };
const cors: Cors = {
  AllowCredentials: true,
  AllowHeaders: ["content-type"],
  AllowMethods: ["GET", "DELETE"],
  AllowOrigins: ["https://shop.example"],
  ExposeHeaders: ["x-page"],
  MaxAge: 86_400,
};

/** After `f` has got a URL. */
function withUrl<I extends object>(input: I) {
  return async ({ client }: TestApi): Promise<I> => {
    await client.send(new CreateFunctionUrlConfigCommand({ ...f, AuthType: "NONE" }));
    return input;
  };
}

export const functionUrlCases: GoodCase[] = [
  good("CreateFunctionUrlConfig", "defaults", { ...f, AuthType: "NONE" }, { status: 201, answer: created }),
  good(
    "CreateFunctionUrlConfig",
    "with all that it can have",
    { FunctionName: arn("f"), AuthType: "AWS_IAM", Cors: cors, InvokeMode: "RESPONSE_STREAM" },
    { status: 201, answer: { ...created, AuthType: "AWS_IAM", Cors: cors, InvokeMode: "RESPONSE_STREAM" } },
  ),
  good("GetFunctionUrlConfig", "defaults", withUrl({ ...f }), { answer: { ...changed, InvokeMode: "BUFFERED" } }),
  good("UpdateFunctionUrlConfig", "nothing", withUrl({ ...f }), { answer: changed }),
  good("UpdateFunctionUrlConfig", "all", withUrl({ ...f, AuthType: "AWS_IAM", Cors: cors, InvokeMode: "BUFFERED" }), {
    answer: { ...changed, AuthType: "AWS_IAM", Cors: cors, InvokeMode: "BUFFERED" },
  }),
  good("ListFunctionUrlConfigs", "one", withUrl({ ...f }), {
    answer: { FunctionUrlConfigs: [{ ...changed, InvokeMode: "BUFFERED" }] },
  }),
  good("ListFunctionUrlConfigs", "none", { ...f }, { answer: { FunctionUrlConfigs: [] } }),
  good("DeleteFunctionUrlConfig", "there", withUrl({ ...f }), { status: 204, answer: {} }),
];
