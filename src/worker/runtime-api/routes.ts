import { EXTENSION_PATH, extensionRoute } from "../extensions-api/index.ts";
import { subscribe, telemetryApiOf } from "../telemetry-api/index.ts";
import { assignment } from "./endpoints/assignment.ts";
import { CREDENTIALS_PATH, credentials } from "./endpoints/credentials.ts";
import { error } from "./endpoints/error.ts";
import { initError } from "./endpoints/init-error.ts";
import { next } from "./endpoints/next.ts";
import { response } from "./endpoints/response.ts";
import { restoreError } from "./endpoints/restore-error.ts";
import { restoreNext } from "./endpoints/restore-next.ts";
import type { HttpLimits } from "./http/limits.ts";
import type { Plan } from "./http/plan.ts";
import { notFound, wrongMethod } from "./http/reply.ts";
import type { RequestHead } from "./http/request-head.ts";
import type { Session } from "./session.ts";

const NEXT = "/2018-06-01/runtime/invocation/next";
const INIT_ERROR = "/2018-06-01/runtime/init/error";
const RESTORE_NEXT = "/2018-06-01/runtime/restore/next";
const RESTORE_ERROR = "/2018-06-01/runtime/restore/error";
const ASSIGNMENT = "/kiln/2026-11-01/assignment";
const CALL = /^\/2018-06-01\/runtime\/invocation\/([^/]{1,128})\/(response|error)$/;

const refused: Plan = { kind: "reply", reply: wrongMethod };

/** From the head of a request to the endpoint that decides about it. */
export function route(session: Session, head: RequestHead, limits: HttpLimits): Plan {
  const query = head.target.indexOf("?");
  const path = query === -1 ? head.target : head.target.slice(0, query);
  const get = head.method === "GET";
  if (path === NEXT) return get ? next(session) : refused;
  const call = CALL.exec(path);
  if (call !== null) {
    if (head.method !== "POST") return refused;
    const requestId = call[1] ?? "";
    return call[2] === "response"
      ? response(session, head, requestId, limits)
      : error(session, head, requestId, limits.bodyBytes);
  }
  if (path === INIT_ERROR) return head.method === "POST" ? initError(session, head, limits.bodyBytes) : refused;
  if (path === RESTORE_NEXT) return get ? restoreNext(session) : refused;
  if (path === RESTORE_ERROR) return head.method === "POST" ? restoreError(session, head, limits.bodyBytes) : refused;
  if (path === CREDENTIALS_PATH) return get ? credentials(session, head) : refused;
  if (path === ASSIGNMENT) return get ? assignment(session) : refused;
  if (path.startsWith(EXTENSION_PATH)) return extensionRoute(session.extensions, head, path);
  const api = telemetryApiOf(path);
  if (api !== undefined) return subscribe(session.telemetry, session.extensions, api, head);
  return { kind: "reply", reply: notFound };
}
