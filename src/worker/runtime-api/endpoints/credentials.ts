import { timingSafeEqual } from "node:crypto";
import type { Plan } from "../http/plan.ts";
import { jsonReply, notFound, type Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { Session } from "../session.ts";

export const CREDENTIALS_PATH = "/2021-04-23/credentials";

/** ms until clients are to ask again. Credentials outlive their environment, so what they get then is the same. */
const ASK_AGAIN_MS = 60 * 60 * 1000;

/** As AWS words it. */
const unknownToken: Reply = {
  status: 404,
  contentType: "text/plain; charset=utf-8",
  body: "cannot get credentials for the provided token\n",
};

/**
 * `GET /2021-04-23/credentials`: credentials of a function that has been restored from a snapshot, whose variables are
 * those of its init phase (AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_CONTAINER_AUTHORIZATION_TOKEN; the path and the answer
 * are those of AWS's Runtime Interface Emulator, `rapi/handler/credentials.go`).
 */
export function credentials({ credentials: served }: Session, head: RequestHead): Plan {
  if (served === undefined) return { kind: "reply", reply: notFound };
  if (!equal(head.headers.get("authorization") ?? "", served.token)) return { kind: "reply", reply: unknownToken };
  const answer = {
    AccessKeyId: served.accessKeyId,
    SecretAccessKey: served.secretAccessKey,
    Token: served.sessionToken,
    Expiration: new Date(Date.now() + ASK_AGAIN_MS).toISOString(),
  };
  return { kind: "reply", reply: jsonReply(200, answer) };
}

function equal(shown: string, wanted: string): boolean {
  const [left, right] = [Buffer.from(shown), Buffer.from(wanted)];
  return left.length === right.length && timingSafeEqual(left, right);
}
