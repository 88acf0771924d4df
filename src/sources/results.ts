/** `LastProcessingResult` of mappings: kept across restarts, written only where it changes. */
import type { Scope } from "../base/scope.ts";
import type { Documents } from "../store/contract.ts";

/** `account/region/uuid` → Result */
const RESULT = "event-source-result";

interface Result {
  text: string;
}

const keyOf = ({ account, region }: Scope, uuid: string): string => `${account}/${region}/${uuid}`;

export interface Results {
  /** Undefined when there is none yet. */
  of(scope: Scope, uuid: string): Promise<string | undefined>;
  put(scope: Scope, uuid: string, text: string): void;
  forget(scope: Scope, uuid: string): Promise<void>;
  /** Those of mappings that went while nobody was there to clean up. */
  sweep(isKnown: (uuid: string) => boolean): Promise<void>;
  /** Resolves when all is written. */
  close(): Promise<void>;
}

export function createResults(documents: Documents, report: (error: unknown) => void): Results {
  const current = new Map<string, string>();
  /** One write after the other: the last result is what stays. */
  let written = Promise.resolve();

  async function write(key: string): Promise<void> {
    const text = current.get(key);
    if (text === undefined) return;
    const stored = await documents.get<Result>(RESULT, key);
    if (stored?.value.text === text) return;
    if (stored === undefined) await documents.create<Result>(RESULT, key, { text });
    else await documents.replace<Result>(RESULT, key, { text }, stored.version);
  }

  return {
    async of(scope, uuid) {
      const key = keyOf(scope, uuid);
      return current.get(key) ?? (await documents.get<Result>(RESULT, key))?.value.text;
    },
    put(scope, uuid, text) {
      const key = keyOf(scope, uuid);
      if (current.get(key) === text) return;
      current.set(key, text);
      written = written.then(() => write(key)).catch(report);
    },
    async forget(scope, uuid) {
      const key = keyOf(scope, uuid);
      current.delete(key);
      await written;
      await documents.remove(RESULT, key);
    },
    async sweep(isKnown) {
      let after: string | undefined;
      do {
        const page = await documents.list<Result>(RESULT, "", {
          limit: 100,
          ...(after === undefined ? {} : { after }),
        });
        for (const { key } of page.items) {
          if (!isKnown(key.split("/")[2] ?? "")) await documents.remove(RESULT, key);
        }
        after = page.next;
      } while (after !== undefined);
    },
    close: () => written,
  };
}
