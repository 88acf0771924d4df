import type { Plan } from "../runtime-api/http/plan.ts";
import { notFound, wrongMethod } from "../runtime-api/http/reply.ts";
import type { RequestHead } from "../runtime-api/http/request-head.ts";
import { next } from "./endpoints/next.ts";
import { register } from "./endpoints/register.ts";
import { reportError } from "./endpoints/report-error.ts";
import type { Extensions } from "./extensions.ts";

export const EXTENSION_PATH = "/2020-01-01/extension/";

/** Extensions API `2020-01-01` (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html). */
export function extensionRoute(extensions: Extensions, head: RequestHead, path: string): Plan {
  const post = head.method === "POST";
  const refused: Plan = { kind: "reply", reply: wrongMethod };
  switch (path.slice(EXTENSION_PATH.length)) {
    case "register":
      return post ? register(extensions, head) : refused;
    case "event/next":
      return head.method === "GET" ? next(extensions, head) : refused;
    case "init/error":
      return post ? reportError(extensions, head, "InitError") : refused;
    case "exit/error":
      return post ? reportError(extensions, head, "ExitError") : refused;
    default:
      return { kind: "reply", reply: notFound };
  }
}
