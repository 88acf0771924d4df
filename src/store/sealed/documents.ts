/** Documents whose values lie encrypted in the engine below. Kinds and keys are names, and stay readable. */
import type { Change, Documents, Page, Sealer, Stored, Write } from "../contract.ts";
import { toJson } from "../limits.ts";

/** A sealed value is a text that begins so. */
const PREFIX = "kiln-sealed:";

export function sealedDocuments(documents: Documents, sealer: Sealer): Documents {
  const seal = (kind: string, key: string, value: unknown): string =>
    PREFIX + sealer.seal(Buffer.from(toJson(value)), contextOf(kind, key)).toString("base64");

  const open = <T>(kind: string, { key, value, version }: Stored<unknown>): Stored<T> => ({
    key,
    value: openValue(sealer, kind, key, value) as T,
    version,
  });

  return {
    async get<T>(kind: string, key: string) {
      const stored = await documents.get<unknown>(kind, key);
      return stored && open<T>(kind, stored);
    },
    async create<T>(kind: string, key: string, value: T) {
      return open<T>(kind, await documents.create<unknown>(kind, key, seal(kind, key, value)));
    },
    async replace<T>(kind: string, key: string, value: T, version: string) {
      return open<T>(kind, await documents.replace<unknown>(kind, key, seal(kind, key, value), version));
    },
    remove: (kind, key, version) => documents.remove(kind, key, version),
    async batch(writes) {
      const sealed = writes.map((write): Write =>
        write.op === "remove" ? write : { ...write, value: seal(write.kind, write.key, write.value) },
      );
      const results = await documents.batch(sealed);
      return results.map((stored, index) => stored && open(writes[index]?.kind ?? "", stored));
    },
    async list<T>(kind: string, prefix: string, options: { limit: number; after?: string }) {
      const page = await documents.list<unknown>(kind, prefix, options);
      const items = page.items.map((stored) => open<T>(kind, stored));
      return { ...page, items } satisfies Page<T>;
    },
    watch<T>(kind: string, prefix: string, listener: (change: Change<T>) => void) {
      return documents.watch<unknown>(kind, prefix, ({ key, stored }) =>
        listener(stored === undefined ? { key } : { key, stored: open<T>(kind, stored) }),
      );
    },
  };
}

/** A value as it was given; one that was written before there were keys is as it is. */
export function openValue(sealer: Sealer, kind: string, key: string, value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith(PREFIX)) return value;
  const clear = sealer.open(Buffer.from(value.slice(PREFIX.length), "base64"), contextOf(kind, key));
  return JSON.parse(clear.toString());
}

function contextOf(kind: string, key: string): string {
  return `document\0${kind}\0${key}`;
}
