/** Batches: up to ten entries, each with an answer of its own. */
import type { BatchResultErrorEntry } from "@aws-sdk/client-sqs";
import { ServiceError } from "../../base/errors.ts";

const MAX_ENTRIES = 10;

interface Entry {
  Id?: string | undefined;
}

/** Does each entry; an entry that fails does not keep the others. Throws SQS's errors of the batch as a whole. */
export async function eachEntry<E extends Entry, R>(
  entries: readonly E[] | undefined,
  act: (entry: E) => Promise<R>,
): Promise<{ Successful: (R & { Id: string })[]; Failed: BatchResultErrorEntry[] }> {
  const all = checkedEntries(entries);
  const Successful: (R & { Id: string })[] = [];
  const Failed: BatchResultErrorEntry[] = [];
  // All at once: their writes share one commit, in the order in which they are given.
  const results = await Promise.allSettled(all.map((entry) => act(entry)));
  for (const [index, result] of results.entries()) {
    const Id = all[index]?.Id ?? "";
    if (result.status === "fulfilled") Successful.push({ ...result.value, Id });
    else Failed.push(failedEntry(Id, result.reason));
  }
  return { Successful, Failed };
}

function failedEntry(Id: string, error: unknown): BatchResultErrorEntry {
  if (!(error instanceof ServiceError)) throw error;
  return {
    Id,
    SenderFault: error.status < 500,
    Code: error.code.replace(/^(InvalidParameterValue)Exception$/, "$1"),
    Message: error.message,
  };
}

function checkedEntries<E extends Entry>(entries: readonly E[] | undefined): readonly E[] {
  if (entries === undefined || entries.length === 0) {
    throw new ServiceError("EmptyBatchRequest", "There should be at least one entry in the request.");
  }
  if (entries.length > MAX_ENTRIES) {
    throw new ServiceError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`,
    );
  }
  const seen = new Set<string>();
  for (const { Id = "" } of entries) {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(Id)) {
      throw new ServiceError(
        "InvalidBatchEntryId",
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
      );
    }
    if (seen.has(Id)) throw new ServiceError("BatchEntryIdsNotDistinct", `Id ${Id} repeated.`);
    seen.add(Id);
  }
  return entries;
}
