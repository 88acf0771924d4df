import { forbidden, identify } from "../extensions-api/endpoints/identify.ts";
import type { Extensions } from "../extensions-api/index.ts";
import type { Plan } from "../runtime-api/http/plan.ts";
import { jsonReply, wrongMethod, type Reply } from "../runtime-api/http/reply.ts";
import type { RequestHead } from "../runtime-api/http/request-head.ts";
import type { TelemetryApi } from "./event.ts";
import { parseSubscription } from "./subscription.ts";
import type { Telemetry } from "./telemetry.ts";

const BODY_BYTES = 64 * 1024;

/** Which API a path asks for. The guide writes the path with and without a slash at its end. */
export function telemetryApiOf(path: string): TelemetryApi | undefined {
  if (path === "/2022-07-01/telemetry" || path === "/2022-07-01/telemetry/") return "telemetry";
  if (path === "/2020-08-15/logs" || path === "/2020-08-15/logs/") return "logs";
  return undefined;
}

const NAMES = {
  telemetry: { api: "Telemetry API", invalid: "ValidationError", closed: "Telemetry.SubscriptionClosed" },
  logs: { api: "Logs API", invalid: "Logs.ValidationError", closed: "Logs.SubscriptionClosed" },
} as const;

/** `PUT /2022-07-01/telemetry` and `PUT /2020-08-15/logs`: an extension asks for events. */
export function subscribe(telemetry: Telemetry, extensions: Extensions, api: TelemetryApi, head: RequestHead): Plan {
  if (head.method !== "PUT") return { kind: "reply", reply: wrongMethod };
  const extension = identify(extensions, head, (id) => `Unknown extension ${id}`);
  if ("refused" in extension) return { kind: "reply", reply: extension.refused };
  const names = NAMES[api];
  const invalid = (errorMessage: string): Reply => jsonReply(400, { errorType: names.invalid, errorMessage });
  return {
    kind: "body",
    limitBytes: BODY_BYTES,
    done(body) {
      const subscription = parseSubscription(api, body);
      if (typeof subscription === "string") return invalid(subscription);
      switch (telemetry.subscribe(extension.name, subscription)) {
        case "subscribed":
        case "again":
          return jsonReply(200, "OK");
        case "other":
          return invalid(
            `extension has subscribed with the ${NAMES[api === "logs" ? "telemetry" : "logs"].api} already`,
          );
        case "closed":
          return forbidden(names.closed, `${names.api} subscription is closed already`);
      }
    },
    tooLarge: () => jsonReply(413, { errorMessage: "Request body is too large", errorType: "RequestEntityTooLarge" }),
    aborted: () => undefined,
  };
}
