/** Functions whose runtime has no image on this machine yet. */
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { RuntimeImage, Runtimes } from "../../src/artifacts/contract.ts";
import { KilnError } from "../../src/base/errors.ts";
import { openDomain, request, scope, testRuntimes, type TestDomain } from "./support.ts";

/** `nodejs20.x` is not built; `end` ends what `ensure` has begun. */
interface Builder extends Runtimes {
  begun: string[];
  end(error?: Error): void;
}

function builder(): Builder {
  const built = new Set(["nodejs24.x"]);
  const waiting: { id: string; resolve: (image: RuntimeImage) => void; reject: (error: Error) => void }[] = [];
  const image = (id: string): RuntimeImage | undefined => {
    const like = testRuntimes.image("nodejs24.x");
    return built.has(id) && like !== undefined ? { ...like, id, versionArn: `arn:kiln:runtime:${id}` } : undefined;
  };
  const begun: string[] = [];
  return {
    ...testRuntimes,
    begun,
    image,
    ensure(id) {
      const found = image(id);
      if (found) return Promise.resolve(found);
      begun.push(id);
      return new Promise((resolve, reject) => waiting.push({ id, resolve, reject }));
    },
    end(error) {
      for (const { id, resolve, reject } of waiting.splice(0)) {
        if (error) reject(error);
        else {
          built.add(id);
          resolve(image(id) ?? assert.fail());
        }
      }
    },
  };
}

async function opened(t: TestContext): Promise<TestDomain & { runtimes: Builder }> {
  const runtimes = builder();
  // Before the domain is closed, which waits for what it has begun.
  t.after(() => runtimes.end());
  return Object.assign(await openDomain(t, { runtimes }), { runtimes });
}

const wanted = { Runtime: "nodejs20.x" } as const;
const refusal = "mmdebstrap failed.";

async function begun({ runtimes }: { runtimes: Builder }): Promise<void> {
  while (runtimes.begun.length === 0) await new Promise(setImmediate);
}

describe("a runtime whose image is not built", () => {
  it("keeps a new function Pending until it is, and then names the version", async (t) => {
    const domain = await opened(t);
    const created = await domain.functions.create(scope, "f", request("f", { ...wanted, Publish: true }));
    assert.deepEqual([created.version.phase, created.version.runtimeVersionArn], ["creating", ""]);
    await begun(domain);
    domain.runtimes.end();
    // The function's and the version's preparation may ask one after the other.
    await domain.functions.settled();
    for (const qualifier of [undefined, "1"]) {
      const { version } = await domain.functions.get(scope, "f", qualifier);
      assert.deepEqual([version.phase, version.runtimeVersionArn], ["ready", "arn:kiln:runtime:nodejs20.x"]);
    }
    const again = await domain.functions.publish(scope, "f", {});
    assert.equal(again.version.version, "1");
  });

  it("makes the function Failed, with the reason, where it cannot be built; an update tries again", async (t) => {
    const domain = await opened(t);
    await domain.functions.create(scope, "f", request("f", wanted));
    await begun(domain);
    domain.runtimes.end(new KilnError("HOST_PROGRAM_FAILED", refusal, { hint: "Look at the mirror." }));
    await domain.functions.settled();
    const { version } = await domain.functions.get(scope, "f");
    assert.equal(version.phase, "failed");
    assert.deepEqual(version.failure, {
      code: "InvalidRuntime",
      reason: `The image of the runtime nodejs20.x could not be built: ${refusal} Look at the mirror.`,
    });
    assert.equal(domain.reports.length, 1);
    domain.runtimes.begun.length = 0;
    await domain.functions.updateCode(scope, "f", { FunctionName: "f", ZipFile: Buffer.from("other") });
    await begun(domain);
    domain.runtimes.end();
    await domain.functions.settled();
    assert.equal((await domain.functions.get(scope, "f")).version.phase, "ready");
  });

  it("lets the function go on as it was while an update waits for it", async (t) => {
    const domain = await opened(t);
    await domain.functions.create(scope, "f", request("f"));
    await domain.functions.settled();
    await domain.functions.updateConfiguration(scope, "f", { FunctionName: "f", ...wanted });
    await begun(domain);
    const target = await domain.functions.directory.resolve(scope, "f", undefined);
    assert.equal((await target.assignment()).runtime, "nodejs24.x");
    domain.runtimes.end();
    await domain.functions.settled();
    const updated = await domain.functions.directory.resolve(scope, "f", undefined);
    assert.equal((await updated.assignment()).runtime, "nodejs20.x");
  });

  it("leaves the function Pending when Kiln ends, and the next start goes on", async (t) => {
    const domain = await opened(t);
    await domain.functions.create(scope, "f", request("f", wanted));
    await begun(domain);
    domain.runtimes.end(new KilnError("BUILD_STOPPED", "The build was stopped."));
    await domain.functions.settled();
    assert.equal((await domain.functions.get(scope, "f")).version.phase, "creating");
    domain.runtimes.begun.length = 0;
    await domain.restart();
    await begun(domain);
    domain.runtimes.end();
    await domain.functions.settled();
    assert.equal((await domain.functions.get(scope, "f")).version.phase, "ready");
    assert.deepEqual(domain.reports, []);
  });
});
