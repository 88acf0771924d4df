import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FunctionDocument, FunctionVersion, Settings } from "./contract.ts";
import { isVersionNumber, numberedKey, owningFunction, versionKey } from "./keys.ts";
import { isBusy, nextPhase } from "./phases.ts";
import { afterPreparation, fingerprint, newVersion, servingVersion, withUpdate } from "./versions.ts";

const settings: Settings = {
  Runtime: "nodejs24.x",
  Role: "arn:aws:iam::123456789012:role/r",
  Handler: "index.handler",
  Description: "",
  Timeout: 3,
  MemorySize: 128,
  EphemeralStorage: { Size: 512 },
  Architectures: ["x86_64"],
  LoggingConfig: { LogFormat: "Text" },
  TracingConfig: { Mode: "PassThrough" },
  SnapStart: { ApplyOn: "None" },
};
const code = { blob: "b", codeSha256: "s", size: 1, unzippedSize: 1 };
const content = { settings, code, runtimeVersionArn: "r" };

const document = (latest: FunctionVersion): FunctionDocument => ({ name: "f", latest, nextVersion: 1, tags: {} });

describe("phases", () => {
  it("are left only by what can happen in them", () => {
    assert.equal(nextPhase("creating", "update"), undefined);
    assert.equal(nextPhase("updating", "update"), undefined);
    assert.equal(nextPhase("ready", "prepared"), undefined);
    assert.equal(nextPhase("ready", "update"), "updating");
    assert.deepEqual((["creating", "ready", "updating", "update-failed", "failed"] as const).filter(isBusy), [
      "creating",
      "updating",
    ]);
  });
});

describe("versions", () => {
  it("get a new revision and keep their identity when their phase changes", () => {
    const created = newVersion("$LATEST", content, "creating", 1);
    const ready = afterPreparation(created, {});
    assert.equal(ready?.phase, "ready");
    assert.equal(ready.key, created.key);
    assert.notEqual(ready.revisionId, created.revisionId);
    assert.equal(afterPreparation(ready, {}), undefined);
  });

  it("serve until what replaces them is ready", () => {
    const ready = newVersion("$LATEST", content, "ready", 1);
    const first = withUpdate(document(ready), content, 2) ?? assert.fail();
    assert.equal(servingVersion(first), ready);
    const failed = afterPreparation(first.latest, { failure: { code: "InternalError", reason: "x" } }) ?? assert.fail();
    const second = withUpdate({ ...first, latest: failed }, content, 3) ?? assert.fail();
    assert.equal(servingVersion(second), ready);
    assert.equal(servingVersion(document(newVersion("$LATEST", content, "creating", 1))), undefined);
  });

  it("are the same by what they hold, not by when or in which order it was written", () => {
    const one = newVersion("$LATEST", content, "ready", 1);
    const reversed = Object.fromEntries(Object.entries(settings).reverse()) as unknown as Settings;
    assert.equal(fingerprint(one), fingerprint(newVersion("1", { ...content, settings: reversed }, "creating", 2)));
    for (const other of [
      { ...content, settings: { ...settings, Timeout: 4 } },
      { ...content, code: { ...code, blob: "c" } },
      { ...content, runtimeVersionArn: "s" },
    ]) {
      assert.notEqual(fingerprint(one), fingerprint(newVersion("$LATEST", other, "ready", 1)));
    }
  });
});

describe("keys", () => {
  const scope = { account: "123456789012", region: "us-east-1" };

  it("of versions are in the order of their numbers", () => {
    const keys = [2, 10, 1, 9_999_999_999, 99].map((number) => numberedKey(scope, "f", number));
    assert.deepEqual(
      keys.toSorted().map((key) => Number(key.split("/").at(-1))),
      [1, 2, 10, 99, 9_999_999_999],
    );
    assert.equal(owningFunction("function-version", keys[0] ?? ""), "123456789012/us-east-1/f");
  });

  it("are made of numbers only", () => {
    for (const text of ["", "0", "01", "-1", "1/2", "$LATEST", "1e3", "12345678901"]) {
      assert.equal(isVersionNumber(text), false);
      assert.equal(versionKey(scope, "f", text), undefined);
    }
  });
});
