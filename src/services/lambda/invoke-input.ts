/** Checks of what a call brings along. AWS parses both before any environment is asked. */
import { isUtf8 } from "node:buffer";
import { ServiceError, messageOf } from "../../base/errors.ts";
import { isJson } from "../../base/json-bytes.ts";
import type { Caller } from "../../wire/contract.ts";

const empty = Buffer.from("{}");
/** Bytes of base64, as in the X-Amz-Client-Context header. */
const MAX_CLIENT_CONTEXT = 3583;
/** From here on the string and the value that JSON.parse makes cost more than reading the bytes here. */
const LARGE_BYTES = 64 * 1024;

/** The payload as the function gets it; a call without one gets an empty object. Throws InvalidRequestContentException. */
export function checkedPayload(payload: Uint8Array | undefined): Uint8Array {
  if (!payload || payload.byteLength === 0) return empty;
  const prefix = "Could not parse request body into json: Could not parse payload into json:";
  if (!isUtf8(payload)) throw invalidContent(`${prefix} Invalid UTF-8`);
  if (payload.byteLength >= LARGE_BYTES && isJson(payload)) return payload;
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("utf8");
  try {
    JSON.parse(text);
  } catch (error) {
    throw invalidContent(`${prefix} ${parserWords(text) ?? messageOf(error)}`, error);
  }
  return payload;
}

/** JSON text of the client context. Throws InvalidRequestContentException. */
export function checkedClientContext(header: string | undefined): string | undefined {
  if (header === undefined || header === "") return undefined;
  if (Buffer.byteLength(header) > MAX_CLIENT_CONTEXT) {
    throw invalidContent(`Client context must be no more than ${MAX_CLIENT_CONTEXT} bytes when base64-encoded.`);
  }
  const wrong = "Client context must be a valid Base64-encoded JSON object.";
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(header)) throw invalidContent(wrong);
  const bytes = Buffer.from(header, "base64");
  if (!isUtf8(bytes)) throw invalidContent(wrong);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw invalidContent(wrong, error);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw invalidContent(wrong);
  return bytes.toString("utf8");
}

/**
 * What the function learns of an Amazon Cognito identity that calls it: as AWS has it, of whose credentials the request is
 * signed with. Nothing that a client says by itself counts.
 */
export function cognitoIdentityOf({ cognito }: Pick<Caller, "cognito">): { cognitoIdentity?: string } {
  if (cognito === undefined) return {};
  const { identityId, identityPoolId } = cognito;
  return {
    cognitoIdentity: JSON.stringify({ cognitoIdentityId: identityId, cognitoIdentityPoolId: identityPoolId }),
  };
}

/** How AWS's parser puts the commonest mistake: text that is no JSON at all. */
function parserWords(text: string): string | undefined {
  const word = /^\s*([A-Za-z_$][\w$]{0,255})/.exec(text)?.[1];
  if (word === undefined || ["true", "false", "null"].includes(word)) return undefined;
  return `Unrecognized token '${word}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`;
}

function invalidContent(message: string, cause?: unknown): ServiceError {
  return new ServiceError("InvalidRequestContentException", message, { cause });
}
