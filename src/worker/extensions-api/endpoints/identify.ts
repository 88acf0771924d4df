import { jsonReply, type Reply } from "../../runtime-api/http/reply.ts";
import type { RequestHead } from "../../runtime-api/http/request-head.ts";
import type { Extension } from "../extension.ts";
import type { Extensions } from "../extensions.ts";

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** AWS: 403 with the type of the error. */
export function forbidden(errorType: string, errorMessage: string): Reply {
  return jsonReply(403, { errorMessage, errorType });
}

/** Who asks, by the identifier that its registration gave it; or why that is nobody. */
export function identify(
  extensions: Extensions,
  head: RequestHead,
  unknown: (id: string) => string,
): Extension | { refused: Reply } {
  const id = head.headers.get("lambda-extension-identifier");
  if (id === undefined || id === "") {
    const message = "Missing Lambda-Extension-Identifier header";
    return { refused: forbidden("Extension.MissingExtensionIdentifier", message) };
  }
  if (!UUID.test(id)) {
    return { refused: forbidden("Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier") };
  }
  const extension = extensions.find(id.toLowerCase());
  return extension ?? { refused: forbidden("Extension.UnknownExtensionIdentifier", unknown(id.toLowerCase())) };
}
