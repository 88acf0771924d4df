/**
 * What no record may tell, beside what the shapes of the SDK call sensitive: values of environment variables, code,
 * messages, passwords, tokens. CloudTrail leaves members out or says that they are hidden.
 */
import type { JsonObject } from "./contract.ts";

export const HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS";

/** CloudTrail's limit for each of the two. */
const MAX_BYTES = 100 * 1024;

/** Of every service, by their names in lower case. */
const secrets =
  /^(?:.*password|.*secret(?:key)?|secretaccesskey|.*(?:session|security|identity|auth|access|web|saml).*token|token|tokencode|.*assertion|plaintext|ciphertextblob|privatekey|credentials?secret|environment|variables|zipfile|clientcontext|payload|messagebody|messageattributes|messagesystemattributes|message|entries|messages|body|receipthandle|invokeargs)$/;

/** Tokens that lead to the next page are no secrets. */
const harmless = /^(?:next|pagination|client|client(?:request)?)token$/;

export function withoutSecrets(service: string, value: Record<string, unknown> | undefined): JsonObject | null {
  if (value === undefined) return null;
  const cleaned = clean(service, value) as JsonObject;
  if (Object.keys(cleaned).length === 0) return null;
  const size = Buffer.byteLength(JSON.stringify(cleaned));
  if (size <= MAX_BYTES) return cleaned;
  return { omitted: true, originalSize: size, reason: `larger than ${MAX_BYTES} bytes` };
}

function clean(service: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => clean(service, entry));
  if (typeof value !== "object" || value === null) return value;
  const kept: JsonObject = {};
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const lower = name.toLowerCase();
    if (lower === "environment") kept[name] = {};
    else if (secrets.test(lower) && !harmless.test(lower)) kept[name] = HIDDEN;
    else kept[name] = clean(service, inner);
  }
  return kept;
}
