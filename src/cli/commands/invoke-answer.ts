/** What the answer of a call is printed as. */

/** The log's end, which comes in Base64. */
export function logOf(logResult: string): string {
  return Buffer.from(logResult, "base64").toString("utf8");
}

/** JSON where it is JSON, else the text. */
export function parsed(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString("utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Lambda's error object in one line: `TypeError: x is not a function`. */
export function errorOf(bytes: Uint8Array): string {
  const error = parsed(bytes);
  if (typeof error !== "object" || error === null) return String(error);
  const { errorType, errorMessage } = error as { errorType?: unknown; errorMessage?: unknown };
  return [errorType, errorMessage].filter((part) => typeof part === "string" && part !== "").join(": ");
}
