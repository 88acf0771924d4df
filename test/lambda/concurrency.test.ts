/** Many callers at once: exactly one wins where one can, and nothing that was answered is lost. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ServiceError } from "../../src/base/errors.ts";
import type { FunctionDocument } from "../../src/functions/contract.ts";
import { openDomain, request, scope } from "./support.ts";

const codeOf = (error: unknown) => (error instanceof ServiceError ? error.code : String(error));

async function outcomes<T>(calls: Promise<T>[]): Promise<{ won: T[]; lost: string[] }> {
  const settled = await Promise.allSettled(calls);
  return {
    won: settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])),
    lost: settled.flatMap((result) => (result.status === "rejected" ? [codeOf(result.reason)] : [])),
  };
}

const times = (count: number) => Array.from({ length: count }, (_, index) => index);

// A bound for what would otherwise wait for ever; nothing here takes a tenth of it.
describe("concurrent callers", { timeout: 60_000 }, () => {
  it("create one name once", async (t) => {
    const { functions } = await openDomain(t);
    const { won, lost } = await outcomes(
      times(50).map((index) =>
        functions.create(scope, "f", request("f", { Code: { ZipFile: Buffer.from(`code ${index}`) }, Publish: true })),
      ),
    );
    assert.equal(won.length, 1);
    assert.deepEqual(new Set(lost), new Set(["ResourceConflictException"]));
    await functions.settled();
    const { version } = await functions.get(scope, "f");
    assert.equal(version.phase, "ready");
    assert.equal(version.code.codeSha256, won[0]?.version.code.codeSha256);
  });

  it("never lose an update that was answered", async (t) => {
    const { functions, store, reports } = await openDomain(t);
    await functions.create(scope, "f", request("f"));
    await functions.settled();
    const history: FunctionDocument[] = [];
    t.after(
      store.documents.watch<FunctionDocument>("function", "", ({ stored }) => stored && history.push(stored.value)),
    );
    // Each caller sets one member and tries until it is let in: at the end all of them must be there.
    const changes = [
      { Description: "changed" },
      { Timeout: 77 },
      { MemorySize: 777 },
      { EphemeralStorage: { Size: 1024 } },
      { Handler: "other.handler" },
      { Role: "arn:aws:iam::123456789012:role/other" },
      { Environment: { Variables: { A: "1" } } },
      { TracingConfig: { Mode: "Active" as const } },
      { Runtime: "nodejs22.x" as const },
    ];
    const revisions = await Promise.all(
      changes.map(async (change) => {
        for (let attempt = 0; ; attempt += 1) {
          assert.ok(attempt < 10_000, `never let in; reported: ${reports.map(String).join(", ")}`);
          try {
            return (await functions.updateConfiguration(scope, "f", { FunctionName: "f", ...change })).version
              .revisionId;
          } catch (error) {
            assert.equal(codeOf(error), "ResourceConflictException");
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
        }
      }),
    );
    await functions.settled();
    const { settings } = (await functions.get(scope, "f")).version;
    assert.deepEqual({ ...settings, ...Object.assign({}, ...changes) }, settings);
    const seen = new Set(history.map(({ latest }) => latest.revisionId));
    assert.deepEqual(
      revisions.filter((revision) => !seen.has(revision)),
      [],
    );
  });

  it("let one of the updates from the same revision through", async (t) => {
    const { functions } = await openDomain(t);
    await functions.create(scope, "f", request("f"));
    await functions.settled();
    const { revisionId } = (await functions.get(scope, "f")).version;
    const { won, lost } = await outcomes(
      times(20).map((index) =>
        functions.updateConfiguration(scope, "f", { FunctionName: "f", RevisionId: revisionId, Timeout: index + 1 }),
      ),
    );
    assert.equal(won.length, 1);
    assert.deepEqual(new Set(lost), new Set(["PreconditionFailedException"]));
    await functions.settled();
    assert.equal((await functions.get(scope, "f")).version.settings.Timeout, won[0]?.version.settings.Timeout);
  });

  it("publish what is the same once", async (t) => {
    const { functions } = await openDomain(t);
    await functions.create(scope, "f", request("f"));
    await functions.settled();
    const { won } = await outcomes(times(20).map(() => functions.publish(scope, "f", {})));
    assert.deepEqual(new Set(won.map(({ version }) => version.version)), new Set(["1"]));
    assert.equal((await functions.listVersions(scope, "f", { limit: 50 })).items.length, 2);
  });

  it("leave nothing behind when they publish what others delete", async (t) => {
    const { functions, store } = await openDomain(t);
    for (const round of times(10)) {
      const name = `f${round}`;
      await functions.create(scope, name, request(name));
      await functions.settled();
      await outcomes<unknown>([
        ...times(3).map((index) => functions.publish(scope, name, { Description: String(index) })),
        functions.remove(scope, name),
      ]);
      await outcomes([functions.remove(scope, name)]);
      assert.deepEqual((await store.documents.list("function-version", "", { limit: 10 })).items, []);
    }
  });

  it("never take the code away from an upload that is under way", async (t) => {
    const { functions, artifacts } = await openDomain(t, { collectionDelay: 0 });
    await Promise.all(
      times(40).map(async (index) => {
        const name = `f${index}`;
        await functions.create(scope, name, request(name, { Code: { ZipFile: Buffer.from("the same code") } }));
        if (index % 2 === 0) await functions.remove(scope, name);
      }),
    );
    await functions.settled();
    assert.equal(artifacts.stored.size, 1);
    const { items } = await functions.list(scope, { limit: 50, allVersions: false });
    assert.deepEqual(new Set(items.map(({ version }) => version.phase)), new Set(["ready"]));
    assert.equal(items.length, 20);
  });
});
