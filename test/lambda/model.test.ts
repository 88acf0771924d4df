/** The life of a function against a model, with any order of commands, failures and restarts. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { array, assert as check, asyncProperty, constantFrom } from "fast-check";
import { ServiceError } from "../../src/base/errors.ts";
import type { Phase } from "../../src/functions/contract.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { domainOn, request, scope, testArtifacts, type TestDomain } from "./support.ts";

const commands = [
  "create",
  "configure",
  "code",
  "code-and-publish",
  "publish",
  "prepared",
  "failed",
  "delete",
  "restart",
] as const;
type Command = (typeof commands)[number];

/** What must be true of function `f`, written down anew and as simply as possible. */
interface Model {
  exists: boolean;
  phase: Phase;
  /** Which content of $LATEST calls run. */
  serving: string | undefined;
  latest: string;
  nextVersion: number;
  /** Content and phase of every published version. */
  versions: Map<number, { content: string; phase: Phase }>;
  /** The content that the newest version was made of. */
  published: { content: string; version: number } | undefined;
}

const busy = (phase: Phase) => phase === "creating" || phase === "updating";

/** Changes the model; returns the code of the error that the command must end with. */
function expected(model: Model, command: Command, content: string): string | undefined {
  switch (command) {
    case "create":
      if (model.exists) return "ResourceConflictException";
      Object.assign(model, { exists: true, phase: "creating", latest: content, serving: undefined });
      model.versions.clear();
      model.published = undefined;
      return undefined;
    case "configure":
    case "code":
    case "code-and-publish":
      if (!model.exists) return "ResourceNotFoundException";
      if (busy(model.phase)) return "ResourceConflictException";
      model.phase = model.phase === "failed" ? "creating" : "updating";
      model.latest = content;
      if (command === "code-and-publish") publish(model, "creating");
      return undefined;
    case "publish":
      if (!model.exists) return "ResourceNotFoundException";
      if (busy(model.phase) || model.phase === "failed") return "ResourceConflictException";
      if (model.published?.content === model.latest && model.versions.has(model.published.version)) return undefined;
      publish(model, model.phase === "ready" ? "ready" : "creating");
      return undefined;
    case "delete":
      if (!model.exists) return "ResourceNotFoundException";
      model.exists = false;
      return undefined;
    case "prepared":
    case "failed":
    case "restart":
      finish(model, command !== "failed");
      return undefined;
  }
}

function publish(model: Model, phase: Phase): void {
  model.versions.set(model.nextVersion, { content: model.latest, phase });
  model.published = { content: model.latest, version: model.nextVersion };
  model.nextVersion += 1;
}

function finish(model: Model, well: boolean): void {
  if (!model.exists) return;
  for (const version of model.versions.values()) {
    if (version.phase === "creating") version.phase = well ? "ready" : "failed";
  }
  if (!busy(model.phase)) return;
  if (well) {
    model.serving = model.latest;
    model.phase = "ready";
  } else {
    model.phase = model.phase === "creating" ? "failed" : "update-failed";
  }
}

async function execute(domain: TestDomain, command: Command, content: string): Promise<void> {
  const { functions, artifacts } = domain;
  const update = { FunctionName: "f", ZipFile: Buffer.from(content) };
  switch (command) {
    case "create":
      await functions.create(
        scope,
        "f",
        request("f", { Code: { ZipFile: Buffer.from(content) }, Description: content }),
      );
      return;
    case "configure":
      await functions.updateConfiguration(scope, "f", { FunctionName: "f", Description: content });
      return;
    case "code":
    case "code-and-publish":
      await functions.updateCode(scope, "f", { ...update, Publish: command === "code-and-publish" });
      return;
    case "publish":
      await functions.publish(scope, "f", {});
      return;
    case "delete":
      await functions.remove(scope, "f");
      return;
    case "prepared":
    case "failed":
      artifacts.failWith(command === "failed" ? new Error("failed") : undefined);
      artifacts.release();
      await functions.settled();
      artifacts.failWith(undefined);
      artifacts.hold();
      return;
    case "restart":
      await domain.restart();
      await domain.functions.settled();
      artifacts.hold();
  }
}

const error = (code: string) => (thrown: unknown) => thrown instanceof ServiceError && thrown.code === code;

async function compare(domain: TestDomain, model: Model): Promise<void> {
  const { functions } = domain;
  if (!model.exists) {
    await assert.rejects(functions.get(scope, "f"), error("ResourceNotFoundException"));
    await assert.rejects(
      async () => functions.directory.resolve(scope, "f", undefined),
      error("ResourceNotFoundException"),
    );
    return;
  }
  assert.equal((await functions.get(scope, "f")).version.phase, model.phase);
  if (model.serving === undefined) {
    await assert.rejects(
      async () => functions.directory.resolve(scope, "f", undefined),
      error("ResourceConflictException"),
    );
  } else {
    const target = await functions.directory.resolve(scope, "f", undefined);
    const { latest, serving = latest } =
      (await domain.store.documents.get<{ latest: Shown; serving?: Shown }>("function", "123456789012/us-east-1/f"))
        ?.value ?? assert.fail();
    assert.equal(target.key, serving.key);
    assert.ok(contentOf(domain, serving).includes(model.serving));
  }
  const listed = await functions.listVersions(scope, "f", { limit: 1000 });
  assert.deepEqual(
    listed.items.slice(1).map(({ version }) => [Number(version.version), version.phase]),
    [...model.versions].map(([number, { phase }]) => [number, phase]),
  );
  for (const [number, { content }] of model.versions) {
    assert.ok(contentOf(domain, (await functions.get(scope, "f", String(number))).version).includes(content));
  }
}

interface Shown {
  key: string;
  settings: { Description: string };
  code: { blob: string };
}

/** Each content is either in the code or in the description. */
function contentOf(domain: TestDomain, version: Shown): string[] {
  return [version.settings.Description, Buffer.from(domain.artifacts.stored.get(version.code.blob) ?? "").toString()];
}

it("does what the model does", async () => {
  const dir = await mkdtemp(join(tmpdir(), "kiln-functions-"));
  const store = await openSqliteStore({ dir });
  try {
    await check(
      asyncProperty(
        array(constantFrom(...commands), { minLength: 3, maxLength: 40, size: "max" }),
        async (sequence) => {
          const artifacts = testArtifacts();
          const domain = await domainOn(store, artifacts, dir);
          artifacts.hold();
          const counter = await store.documents.get<{ nextVersion: number }>(
            "function-counter",
            "123456789012/us-east-1/f",
          );
          const model: Model = {
            exists: false,
            phase: "failed",
            serving: undefined,
            latest: "",
            nextVersion: counter?.value.nextVersion ?? 1,
            versions: new Map(),
            published: undefined,
          };
          try {
            for (const [index, command] of sequence.entries()) {
              const content = `content ${index}.`;
              const code = expected(model, command, content);
              let thrown: unknown;
              try {
                await execute(domain, command, content);
              } catch (error) {
                thrown = error;
              }
              assert.equal(thrown instanceof ServiceError ? thrown.code : thrown, code, command);
              await compare(domain, model);
            }
          } finally {
            artifacts.release();
            if (model.exists) await domain.functions.remove(scope, "f");
            await domain.functions.close();
          }
        },
      ),
      { numRuns: 250, interruptAfterTimeLimit: 30_000, endOnFailure: true },
    );
  } finally {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  }
});
