import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { KilnError } from "../../src/base/errors.ts";
import { arn, openDomain, request, scope } from "./support.ts";

const pending = {
  code: "ResourceConflictException",
  status: 409,
  message: /currently in the following state: Pending$/,
};
const inProgress = {
  code: "ResourceConflictException",
  status: 409,
  message: `The operation cannot be performed at this time. An update is in progress for resource: ${arn("f")}`,
};

describe("the life of a function", () => {
  it("answers while it is Pending, and becomes Active with another revision", async (t) => {
    const { functions, artifacts } = await openDomain(t);
    artifacts.hold();
    const created = await functions.create(scope, "f", request("f"));
    assert.equal(created.version.phase, "creating");
    await assert.rejects(async () => functions.directory.resolve(scope, "f", undefined), pending);
    await assert.rejects(functions.updateConfiguration(scope, "f", { FunctionName: "f", Timeout: 5 }), pending);
    await assert.rejects(functions.publish(scope, "f", {}), pending);
    artifacts.release();
    await functions.settled();
    const { version } = await functions.get(scope, "f");
    assert.equal(version.phase, "ready");
    assert.notEqual(version.revisionId, created.version.revisionId);
    assert.equal(version.key, created.version.key);
    const target = await functions.directory.resolve(scope, "f", undefined);
    assert.deepEqual([target.version, target.invokedArn, target.key], ["$LATEST", arn("f"), version.key]);
  });

  it("goes on serving what it was while an update is prepared", async (t) => {
    const { functions, artifacts, retired } = await openDomain(t);
    await functions.create(scope, "f", request("f"));
    await functions.settled();
    const before = await functions.directory.resolve(scope, "f", undefined);
    artifacts.hold();
    const updated = await functions.updateConfiguration(scope, "f", { FunctionName: "f", Timeout: 5 });
    assert.equal(updated.version.phase, "updating");
    assert.equal((await functions.directory.resolve(scope, "f", undefined)).key, before.key);
    await assert.rejects(functions.updateConfiguration(scope, "f", { FunctionName: "f", Timeout: 6 }), inProgress);
    await assert.rejects(
      functions.updateCode(scope, "f", { FunctionName: "f", ZipFile: Buffer.from("x") }),
      inProgress,
    );
    await assert.rejects(functions.publish(scope, "f", {}), inProgress);
    retired.length = 0;
    artifacts.release();
    await functions.settled();
    assert.equal((await functions.directory.resolve(scope, "f", undefined)).key, updated.version.key);
    assert.deepEqual(retired, ["f:$LATEST"]);
    const assignment = await (await functions.directory.resolve(scope, "f", undefined)).assignment();
    assert.equal(assignment.timeoutSeconds, 5);
  });

  it("keeps serving the old code when the new one cannot be prepared, and can be updated again", async (t) => {
    const { functions, artifacts, reports } = await openDomain(t);
    await functions.create(scope, "f", request("f"));
    await functions.settled();
    const before = await functions.directory.resolve(scope, "f", undefined);
    artifacts.failWith(new KilnError("DISK_FULL", "The disk is full.", { hint: "Make room." }));
    await functions.updateCode(scope, "f", { FunctionName: "f", ZipFile: Buffer.from("new") });
    await functions.settled();
    const failed = (await functions.get(scope, "f")).version;
    assert.equal(failed.phase, "update-failed");
    assert.deepEqual(failed.failure, {
      code: "InternalError",
      reason: "The code could not be prepared: The disk is full. Make room.",
    });
    assert.equal(reports.length, 1);
    assert.equal((await functions.directory.resolve(scope, "f", undefined)).key, before.key);
    artifacts.failWith(undefined);
    const again = await functions.updateConfiguration(scope, "f", { FunctionName: "f", Description: "again" });
    await functions.settled();
    const { version } = await functions.get(scope, "f");
    assert.equal(version.phase, "ready");
    assert.equal(version.failure, undefined);
    assert.equal((await functions.directory.resolve(scope, "f", undefined)).key, again.version.key);
  });

  it("is Failed when its first code cannot be prepared, and starts again with an update", async (t) => {
    const { functions, artifacts } = await openDomain(t);
    artifacts.failWith(new Error("broken"));
    await functions.create(scope, "f", request("f"));
    await functions.settled();
    assert.equal((await functions.get(scope, "f")).version.phase, "failed");
    await assert.rejects(async () => functions.directory.resolve(scope, "f", undefined), {
      code: "ResourceConflictException",
      message: /following state: Failed$/,
    });
    await assert.rejects(functions.publish(scope, "f", {}), { message: /following state: Failed$/ });
    artifacts.failWith(undefined);
    const again = await functions.updateCode(scope, "f", { FunctionName: "f", ZipFile: Buffer.from("new") });
    assert.equal(again.version.phase, "creating");
    await functions.settled();
    assert.equal((await functions.get(scope, "f")).version.phase, "ready");
  });

  it("is gone after a deletion, with versions, environments and code", async (t) => {
    const { functions, artifacts, retired, store } = await openDomain(t);
    await functions.create(scope, "f", request("f", { Publish: true }));
    await functions.create(scope, "other", request("other"));
    await functions.settled();
    retired.length = 0;
    await functions.remove(scope, "f");
    await functions.settled();
    assert.deepEqual(retired, ["f"]);
    await assert.rejects(functions.get(scope, "f"), { code: "ResourceNotFoundException", status: 404 });
    await assert.rejects(functions.get(scope, "f", "1"), { code: "ResourceNotFoundException" });
    await assert.rejects(async () => functions.directory.resolve(scope, "f", "1"), {
      code: "ResourceNotFoundException",
    });
    assert.equal((await store.documents.list("function-version", "", { limit: 10 })).items.length, 0);
    assert.equal(artifacts.stored.size, 1);
    assert.deepEqual(functions.usage(scope), { functionCount: 1, totalCodeSize: "code of other".length });
  });

  it("of the same name later does not use its version numbers again", async (t) => {
    const { functions } = await openDomain(t);
    await functions.create(scope, "f", request("f", { Publish: true }));
    await functions.settled();
    await functions.remove(scope, "f");
    const { version } = await functions.create(scope, "f", request("f", { Publish: true }));
    assert.equal(version.version, "2");
  });

  it("that is deleted while it is prepared stays deleted, also under the same name", async (t) => {
    const { functions, artifacts } = await openDomain(t);
    artifacts.hold();
    await functions.create(scope, "f", request("f"));
    await functions.remove(scope, "f");
    const second = await functions.create(scope, "f", request("f", { Code: { ZipFile: Buffer.from("second") } }));
    // The end of the first preparation says nothing about the second function.
    artifacts.failWith(new Error("broken"), "second");
    artifacts.release();
    await functions.settled();
    const { version } = await functions.get(scope, "f");
    assert.equal(version.key, second.version.key);
    assert.equal(version.phase, "failed");
  });
});

describe("updates that change nothing", () => {
  it("are updates like any other, with revisions of their own, and make no version", async (t) => {
    const { functions } = await openDomain(t);
    const code = { FunctionName: "f", ZipFile: Buffer.from("code of f") };
    await functions.create(scope, "f", request("f", { Publish: true, Description: "same" }));
    await functions.settled();
    const revisions = new Set([(await functions.get(scope, "f")).version.revisionId]);
    const updates = [
      () => functions.updateConfiguration(scope, "f", { FunctionName: "f" }),
      () => functions.updateConfiguration(scope, "f", { FunctionName: "f", Description: "same", Timeout: 3 }),
      () => functions.updateCode(scope, "f", code),
      () => functions.updateCode(scope, "f", { ...code, Publish: true }),
    ];
    for (const update of updates) {
      const { version } = await update();
      if (version.version === "$LATEST") assert.equal(version.phase, "updating");
      revisions.add((await functions.get(scope, "f")).version.revisionId);
      await functions.settled();
      const { version: afterwards } = await functions.get(scope, "f");
      assert.equal(afterwards.phase, "ready");
      revisions.add(afterwards.revisionId);
      assert.equal((await functions.publish(scope, "f", { Description: "other" })).version.version, "1");
    }
    assert.equal(revisions.size, 1 + 2 * updates.length);
    assert.equal((await functions.listVersions(scope, "f", { limit: 9 })).items.length, 2);
  });
});

describe("published versions", () => {
  it("do not change with $LATEST, and are not made twice of the same", async (t) => {
    const { functions } = await openDomain(t);
    await functions.create(scope, "f", request("f"));
    await functions.settled();
    const before = (await functions.get(scope, "f")).version;
    const first = await functions.publish(scope, "f", { Description: "one" });
    assert.deepEqual(
      [first.version.version, first.version.phase, first.version.settings.Description],
      ["1", "ready", "one"],
    );
    assert.notEqual((await functions.get(scope, "f")).version.revisionId, before.revisionId);
    assert.equal((await functions.get(scope, "f")).version.key, before.key);
    assert.deepEqual(await functions.publish(scope, "f", { Description: "ignored" }), first);

    await functions.updateCode(scope, "f", { FunctionName: "f", ZipFile: Buffer.from("new") });
    await functions.settled();
    const second = await functions.publish(scope, "f", {});
    assert.equal(second.version.version, "2");
    assert.deepEqual((await functions.get(scope, "f", "1")).version, first.version);
    const targets = await Promise.all(
      [undefined, "$LATEST", "1", "2"].map(async (qualifier) => functions.directory.resolve(scope, "f", qualifier)),
    );
    assert.deepEqual(
      targets.map((target) => [target.version, target.invokedArn]),
      [
        ["$LATEST", arn("f")],
        ["$LATEST", `${arn("f")}:$LATEST`],
        ["1", `${arn("f")}:1`],
        ["2", `${arn("f")}:2`],
      ],
    );
    assert.equal(new Set(targets.map((target) => target.key)).size, 3);
  });

  it("are made again after their deletion", async (t) => {
    const { functions, retired } = await openDomain(t);
    await functions.create(scope, "f", request("f", { Publish: true }));
    await functions.settled();
    await functions.remove(scope, "f", "1");
    assert.equal(retired.at(-1), "f:1");
    assert.equal((await functions.publish(scope, "f", {})).version.version, "2");
  });

  it("come Pending with new code, and become Active by themselves", async (t) => {
    const { functions, artifacts } = await openDomain(t);
    await functions.create(scope, "f", request("f"));
    await functions.settled();
    artifacts.hold();
    const update = { FunctionName: "f", ZipFile: Buffer.from("new"), Publish: true };
    const { version } = await functions.updateCode(scope, "f", update);
    assert.deepEqual([version.version, version.phase], ["1", "creating"]);
    await assert.rejects(async () => functions.directory.resolve(scope, "f", "1"), pending);
    artifacts.release();
    await functions.settled();
    assert.equal((await functions.directory.resolve(scope, "f", "1")).key, version.key);
  });

  it("keep their code when $LATEST has gone on", async (t) => {
    const { functions, artifacts } = await openDomain(t);
    await functions.create(scope, "f", request("f", { Publish: true }));
    await functions.settled();
    for (const code of ["second", "third"]) {
      await functions.updateCode(scope, "f", { FunctionName: "f", ZipFile: Buffer.from(code) });
      await functions.settled();
    }
    const kept = [...artifacts.stored.values()].map((zip) => Buffer.from(zip).toString()).sort();
    assert.deepEqual(kept, ["code of f", "third"]);
  });
});
