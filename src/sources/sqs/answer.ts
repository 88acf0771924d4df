/** Which messages of a batch have to come again: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting */

/**
 * Ids of the messages that failed, by what the function answered. Undefined when the answer is none that AWS accepts:
 * then the whole batch has failed.
 */
export function failedMessages(payload: Uint8Array, ids: ReadonlySet<string>): ReadonlySet<string> | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    return undefined;
  }
  // No answer, no list, an empty list: everything went well.
  if (answer === null || typeof answer !== "object") return new Set();
  const { batchItemFailures: failures } = answer as { batchItemFailures?: unknown };
  if (failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return undefined;
  const failed = new Set<string>();
  for (const failure of failures as unknown[]) {
    const id =
      failure !== null && typeof failure === "object"
        ? (failure as { itemIdentifier?: unknown }).itemIdentifier
        : undefined;
    if (typeof id !== "string" || !ids.has(id)) return undefined;
    failed.add(id);
  }
  return failed;
}
