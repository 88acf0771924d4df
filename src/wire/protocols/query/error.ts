/** Errors of the query protocol: an XML document with the code that the model gives to queries. */
import type { ServiceError } from "../../../base/errors.ts";
import type { ErrorShape } from "../../schema/errors.ts";
import { frontDoorError } from "../front-door.ts";
import { requestIdHeader, type Answer } from "../protocol.ts";
import { element, escape } from "./xml.ts";

export function writeQueryError(
  error: ServiceError,
  shape: ErrorShape | undefined,
  requestId: string,
  namespace: string,
  /** Where the shape does not say it. */
  ownCode?: string,
): Answer {
  const frontDoor = frontDoorError(error.code);
  const status = frontDoor?.queryStatus ?? shape?.query?.status ?? shape?.status ?? error.status;
  const code = frontDoor?.query ?? shape?.query?.code ?? ownCode ?? error.code;
  const content =
    element("Type", status >= 500 ? "Receiver" : "Sender") +
    element("Code", escape(code)) +
    element("Message", escape(error.message));
  return {
    status,
    headers: { [requestIdHeader]: requestId, "content-type": "text/xml" },
    body:
      `<ErrorResponse xmlns="${namespace}">` +
      `${element("Error", content)}${element("RequestId", requestId)}</ErrorResponse>`,
  };
}
