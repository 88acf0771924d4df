import { messageOf } from "../../../base/errors.ts";
import type { Plan } from "../../runtime-api/http/plan.ts";
import { jsonReply, type Reply } from "../../runtime-api/http/reply.ts";
import type { RequestHead } from "../../runtime-api/http/request-head.ts";
import type { LifecycleEvent } from "../extension.ts";
import type { Extensions, Refusal } from "../extensions.ts";
import { forbidden } from "./identify.ts";

/** A list of two words needs far less. */
const BODY_BYTES = 64 * 1024;
/** As long as a file name can be. */
const NAME_BYTES = 255;

/** `POST /2020-01-01/extension/register`: an extension says its name, and which events it wants. */
export function register(extensions: Extensions, head: RequestHead): Plan {
  // File names are UTF-8; headers have been read byte by byte.
  const name = Buffer.from(head.headers.get("lambda-extension-name") ?? "", "latin1").toString("utf8");
  if (name === "" || name.length > NAME_BYTES) {
    const message = name === "" ? "Empty extension name" : "Extension name too long";
    return { kind: "reply", reply: forbidden("Extension.InvalidExtensionName", message) };
  }
  const features = (head.headers.get("lambda-extension-accept-feature") ?? "").split(",").map((word) => word.trim());
  return {
    kind: "body",
    limitBytes: BODY_BYTES,
    done(body) {
      const events = readEvents(body, extensions.findExternal(name) !== undefined);
      if (!Array.isArray(events)) return forbidden(events.type, events.message);
      const registered = extensions.register(name, events);
      if ("message" in registered) return forbidden(registered.type, registered.message);
      return registeredReply(extensions, registered.id, features.includes("accountId"));
    },
    tooLarge: () => jsonReply(413, { errorMessage: "Request body is too large", errorType: "RequestEntityTooLarge" }),
    aborted: () => undefined,
  };
}

function registeredReply({ facts }: Extensions, id: string, withAccount: boolean): Reply {
  const { functionName, functionVersion, handler, accountId } = facts;
  const body = { ...(withAccount ? { accountId } : undefined), functionName, functionVersion, handler };
  return { ...jsonReply(200, body), headers: `Lambda-Extension-Identifier: ${id}\r\n` };
}

function readEvents(body: Buffer, external: boolean): LifecycleEvent[] | Refusal {
  const parsed = parse(body);
  if ("message" in parsed) return parsed;
  const events: LifecycleEvent[] = [];
  for (const event of parsed.events) {
    if (event !== "INVOKE" && event !== "SHUTDOWN") {
      return { type: "Extension.InvalidEventType", message: `${event.slice(0, 100)}: ErrorInvalidEventType` };
    }
    if (event === "SHUTDOWN" && !external) {
      const message = "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension";
      return { type: "Extension.InvalidEventType", message };
    }
    events.push(event);
  }
  return events;
}

function parse(body: Buffer): { events: string[] } | Refusal {
  const type = "InvalidRequestFormat";
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch (error) {
    return { type, message: messageOf(error) };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { type, message: "not a JSON object" };
  const { events = [], configurationKeys = [] } = value as { events?: unknown; configurationKeys?: unknown };
  if (Array.isArray(configurationKeys) && configurationKeys.length > 0) {
    return { type, message: "configurationKeys are deprecated; use environment variables instead" };
  }
  if (events === null) return { events: [] };
  if (!Array.isArray(events) || !events.every((event) => typeof event === "string")) {
    return { type, message: "events must be an array of strings" };
  }
  return { events };
}
