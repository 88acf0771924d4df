/** Random writes, checked against a Map. */
import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import { StoreConflict, type Documents, type Stored, type Write } from "../contract.ts";
import { withSubject, type OpenSubject } from "./subject.ts";

/** `seen`: which of the versions that were ever handed out for the key is named; -1 for none. */
interface Step {
  op: "create" | "replace" | "remove";
  key: string;
  seen: number;
  value: fc.JsonValue;
}

/** A number is the place in the running batch of the write that made the document. */
type Model = Map<string, Stored<unknown> | number>;

const key = fc.constantFrom("a", "a/1", "a/2", "b", "é");
const step: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom("create", "replace", "remove"),
  key,
  seen: fc.integer({ min: -1, max: 3 }),
  value: fc.jsonValue({ maxDepth: 2 }),
});
/** Several steps in one element are a batch. */
const steps = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 25 });

export function documentsModel(open: OpenSubject): void {
  void it("does what a Map would do", () =>
    withSubject(open, async ({ store }) => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(steps, (batches) => compare(store.documents, `kind${run++}`, batches)),
        { numRuns: 150 },
      );
    }));
}

async function compare(documents: Documents, kind: string, batches: Step[][]): Promise<void> {
  let model: Model = new Map();
  const versions = new Map<string, string[]>();
  for (const batch of batches) {
    const writes = batch.map((each) => toWrite(kind, each, versions.get(each.key) ?? []));
    const next: Model = new Map(model);
    const possible = writes.every((write, index) => applyTo(next, write, index));
    const results = await documents.batch(writes).catch((error: unknown) => {
      assert.ok(error instanceof StoreConflict);
    });
    assert.equal(results !== undefined, possible);
    if (results === undefined) continue;
    for (const stored of results) {
      if (stored !== undefined) versions.set(stored.key, [...(versions.get(stored.key) ?? []), stored.version]);
    }
    for (const [name, current] of next) {
      if (typeof current !== "number") continue;
      const stored = results[current];
      assert.ok(stored !== undefined);
      next.set(name, stored);
    }
    model = next;
  }
  const { items } = await documents.list(kind, "", { limit: 1000 });
  assert.deepEqual(new Map(items.map((item) => [item.key, item])), model);
}

function toWrite(kind: string, { op, key, seen, value }: Step, known: string[]): Write {
  // Counted from the newest, so that most of the named versions are current.
  const version = seen < 0 ? undefined : (known.at(-1 - seen) ?? "none");
  if (op === "create") return { op, kind, key, value };
  if (op === "replace") return { op, kind, key, value, version: version ?? "none" };
  return { op, kind, key, ...(version === undefined ? {} : { version }) };
}

/** Does the write if it may happen. A version that this batch makes is unknown to it: no later write of it names it. */
function applyTo(model: Model, write: Write, index: number): boolean {
  const current = model.get(write.key);
  const version = typeof current === "object" ? current.version : undefined;
  switch (write.op) {
    case "create":
      if (current !== undefined) return false;
      model.set(write.key, index);
      return true;
    case "replace":
      if (version !== write.version) return false;
      model.set(write.key, index);
      return true;
    case "remove":
      if (write.version !== undefined && version !== write.version) return false;
      model.delete(write.key);
      return true;
  }
}
