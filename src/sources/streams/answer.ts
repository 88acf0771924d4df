/** What of a batch is handled, by the function's answer: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html */

/**
 * Index of the first record that failed, the number of records when none did. 0 when the answer is none that AWS accepts:
 * then the whole batch has failed.
 */
export function firstFailure(payload: Uint8Array, sequenceNumbers: readonly string[]): number {
  let answer: unknown;
  try {
    answer = JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    return 0;
  }
  if (answer === null || typeof answer !== "object") return sequenceNumbers.length;
  const { batchItemFailures: failures } = answer as { batchItemFailures?: unknown };
  if (failures === undefined || failures === null) return sequenceNumbers.length;
  if (!Array.isArray(failures)) return 0;
  let first = sequenceNumbers.length;
  for (const failure of failures as unknown[]) {
    const id =
      failure !== null && typeof failure === "object"
        ? (failure as { itemIdentifier?: unknown }).itemIdentifier
        : undefined;
    const index = typeof id === "string" ? sequenceNumbers.indexOf(id) : -1;
    if (index === -1) return 0;
    first = Math.min(first, index);
  }
  return first;
}
