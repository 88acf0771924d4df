/** What every implementation of Documents does. `documentsConformance` registers tests. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoreConflict, type Change, type Documents } from "../contract.ts";
import { documentsModel } from "./documents-model.ts";
import { withSubject, type OpenSubject } from "./subject.ts";

interface Fruit {
  name: string;
}

export function documentsConformance(name: string, open: OpenSubject): void {
  const documentsTest = (title: string, body: (documents: Documents) => Promise<void>): void => {
    void it(title, () => withSubject(open, ({ store }) => body(store.documents)));
  };

  void describe(`documents of ${name}`, () => {
    documentsTest("gives back what was created, and only under its kind and key", async (documents) => {
      const created = await documents.create<Fruit>("fruit", "a/1", { name: "apple" });
      assert.deepEqual(await documents.get("fruit", "a/1"), created);
      assert.deepEqual(created.value, { name: "apple" });
      assert.equal(await documents.get("fruit", "a/2"), undefined);
      assert.equal(await documents.get("vegetable", "a/1"), undefined);
    });

    documentsTest("keeps a copy: later changes of the caller's object are not seen", async (documents) => {
      const value = { name: "apple" };
      const creating = documents.create<Fruit>("fruit", "a", value);
      value.name = "changed";
      const created = await creating;
      created.value.name = "changed as well";
      assert.deepEqual((await documents.get<Fruit>("fruit", "a"))?.value, { name: "apple" });
    });

    documentsTest("creates once", async (documents) => {
      const attempts = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => documents.create("fruit", "same", { index })),
      );
      const [winner, ...others] = attempts.filter((attempt) => attempt.status === "fulfilled");
      assert.ok(winner !== undefined && others.length === 0);
      for (const attempt of attempts) {
        if (attempt.status !== "rejected") continue;
        assert.ok(attempt.reason instanceof StoreConflict);
        assert.deepEqual([attempt.reason.kind, attempt.reason.key], ["fruit", "same"]);
      }
      assert.deepEqual(await documents.get("fruit", "same"), winner.value);
    });

    documentsTest("a conflict does not fail the writes beside it", async (documents) => {
      await documents.create("fruit", "taken", {});
      const results = await Promise.allSettled([
        documents.create("fruit", "before", {}),
        documents.create("fruit", "taken", {}),
        documents.batch([
          { op: "create", kind: "fruit", key: "undone", value: {} },
          { op: "create", kind: "fruit", key: "taken", value: {} },
        ]),
        documents.create("fruit", "after", {}),
      ]);
      assert.deepEqual(
        results.map((result) => result.status),
        ["fulfilled", "rejected", "rejected", "fulfilled"],
      );
      const { items } = await documents.list("fruit", "", { limit: 10 });
      assert.deepEqual(
        items.map((item) => item.key),
        ["after", "before", "taken"],
      );
    });

    documentsTest("replaces only the version that it was given", async (documents) => {
      const first = await documents.create<Fruit>("fruit", "a", { name: "apple" });
      const second = await documents.replace<Fruit>("fruit", "a", { name: "pear" }, first.version);
      assert.notEqual(second.version, first.version);
      await assert.rejects(documents.replace("fruit", "a", {}, first.version), StoreConflict);
      await assert.rejects(documents.replace("fruit", "missing", {}, first.version), StoreConflict);
      assert.deepEqual(await documents.get("fruit", "a"), second);
    });

    documentsTest("removes, and does not take a new document for the old one", async (documents) => {
      const first = await documents.create("fruit", "a", {});
      assert.equal(await documents.remove("fruit", "a"), true);
      assert.equal(await documents.remove("fruit", "a"), false);
      await assert.rejects(documents.remove("fruit", "a", first.version), StoreConflict);
      const second = await documents.create("fruit", "a", {});
      assert.notEqual(second.version, first.version);
      await assert.rejects(documents.remove("fruit", "a", first.version), StoreConflict);
      assert.equal(await documents.remove("fruit", "a", second.version), true);
    });

    documentsTest("writes a batch as a whole, each write on top of the ones before it", async (documents) => {
      const old = await documents.create("fruit", "old", {});
      const results = await documents.batch([
        { op: "create", kind: "fruit", key: "new", value: { n: 1 } },
        { op: "remove", kind: "fruit", key: "old", version: old.version },
        { op: "create", kind: "fruit", key: "old", value: { n: 2 } },
      ]);
      assert.deepEqual(results, [await documents.get("fruit", "new"), undefined, await documents.get("fruit", "old")]);
      await assert.rejects(
        documents.batch([
          { op: "remove", kind: "fruit", key: "new" },
          { op: "replace", kind: "fruit", key: "old", value: {}, version: old.version },
        ]),
        StoreConflict,
      );
      assert.deepEqual(await documents.get("fruit", "new"), results[0]);
      assert.deepEqual(await documents.batch([]), []);
    });

    documentsTest("lists by prefix in key order, page by page", async (documents) => {
      const keys = ["a", "a/", "a/1", "a/10", "a/2", "a/é", "a/\u{1f34e}", "a/\u{10ffff}", "a0", "b/1", "A/1"];
      await Promise.all(keys.map((key) => documents.create("fruit", key, { key })));
      await documents.create("other", "a/3", {});
      for (const prefix of ["", "a", "a/", "a/1", "a/\u{10ffff}", "c"]) {
        const expected = keys
          .filter((key) => key.startsWith(prefix))
          .toSorted((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
        for (const limit of [1, 2, 1000]) {
          const seen: string[] = [];
          let after: string | undefined;
          do {
            const page = await documents.list<{ key: string }>("fruit", prefix, {
              limit,
              ...(after === undefined ? {} : { after }),
            });
            assert.ok(page.items.length <= limit);
            for (const item of page.items) assert.equal(item.value.key, item.key);
            seen.push(...page.items.map((item) => item.key));
            after = page.next;
          } while (after !== undefined);
          assert.deepEqual(seen, expected, `prefix ${prefix}, limit ${limit}`);
        }
        // A cursor need not be a key that is there, or have the prefix.
        for (const after of ["", "A", "a", "a/10", "a/3", "a/\u{ffff}", "a/\u{10fff0}", "b", "z"]) {
          const { items } = await documents.list("fruit", prefix, { limit: 1000, after });
          assert.deepEqual(
            items.map(({ key }) => key),
            expected.filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0),
            `prefix ${prefix}, after ${after}`,
          );
        }
      }
    });

    documentsTest("tells watchers what was committed, in order, before the writer goes on", async (documents) => {
      const changes: Change<unknown>[] = [];
      await documents.create("fruit", "a/0", {});
      const stop = documents.watch("fruit", "a/", (change) => changes.push(change));
      const first = await documents.create("fruit", "a/1", { n: 1 });
      assert.deepEqual(changes, [{ key: "a/1", stored: first }]);
      const second = await documents.replace("fruit", "a/1", { n: 2 }, first.version);
      await assert.rejects(documents.create("fruit", "a/1", {}));
      await documents.create("fruit", "b/1", {});
      await documents.create("other", "a/1", {});
      await documents.remove("fruit", "a/1");
      await documents.remove("fruit", "a/none");
      stop();
      await documents.create("fruit", "a/2", {});
      assert.deepEqual(changes.slice(1), [{ key: "a/1", stored: second }, { key: "a/1" }]);
    });

    documentsTest("refuses keys, limits and values that no engine takes", async (documents) => {
      for (const key of ["", "x".repeat(1025), "é".repeat(513), "a\0b", "\ud800"]) {
        await assert.rejects(documents.create("fruit", key, {}), RangeError);
      }
      for (const limit of [0, -1, 1001, 1.5]) await assert.rejects(documents.list("fruit", "", { limit }), RangeError);
      await assert.rejects(documents.create("fruit", "a", undefined), RangeError);
      await documents.create("fruit", "x".repeat(1024), null);
      assert.equal((await documents.get("fruit", "x".repeat(1024)))?.value, null);
    });

    documentsModel(open);
  });
}
