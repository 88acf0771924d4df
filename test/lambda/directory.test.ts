import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { randomCredentials } from "../../src/functions/index.ts";
import type { Target } from "../../src/invoke/contract.ts";
import { arn, openDomain, request, role, scope, testRuntimes } from "./support.ts";

describe("the directory of functions", () => {
  it("answers at once what it has answered before, until something changes", async (t) => {
    const { functions } = await openDomain(t);
    await functions.create(scope, "f", request("f"));
    await functions.settled();
    assert.ok(functions.directory.resolve(scope, "f", undefined) instanceof Promise);
    const first = await functions.directory.resolve(scope, "f", undefined);
    await functions.directory.resolve(scope, "f", undefined);
    const second = functions.directory.resolve(scope, "f", undefined) as Target;
    assert.equal(second.key, first.key);
    await functions.updateConfiguration(scope, "f", { FunctionName: "f", Timeout: 9 });
    await functions.settled();
    const third = await functions.directory.resolve(scope, "f", undefined);
    assert.notEqual(third.key, first.key);
    await functions.remove(scope, "f");
    await assert.rejects(async () => functions.directory.resolve(scope, "f", undefined), {
      code: "ResourceNotFoundException",
      status: 404,
      message: `Function not found: ${arn("f")}:$LATEST`,
    });
  });

  it("answers for an alias at once too, with one of its versions, until the alias changes", async (t) => {
    const draws = [0.6, 0.2, 0.1, 0.9];
    const { functions, artifacts } = await openDomain(t, { random: () => draws.shift() ?? assert.fail() });
    await functions.create(scope, "f", request("f", { Publish: true }));
    await functions.settled();
    await functions.updateConfiguration(scope, "f", { FunctionName: "f", Timeout: 9 });
    await functions.settled();
    artifacts.hold();
    const code = Buffer.from("code that is being prepared");
    await functions.updateCode(scope, "f", { FunctionName: "f", ZipFile: code, Publish: true });
    await functions.aliases.create(scope, "f", {
      Name: "live",
      FunctionVersion: "1",
      RoutingConfig: { AdditionalVersionWeights: { 2: 0.5 } },
    });
    const resolve = async () => functions.directory.resolve(scope, "f", "live");
    const one = await resolve();
    assert.deepEqual([one.version, one.invokedArn], ["1", `${arn("f")}:live`]);
    await assert.rejects(resolve(), {
      code: "ResourceConflictException",
      message:
        "The operation cannot be performed at this time. The function is currently in the following state: Pending",
    });
    artifacts.release();
    await functions.settled();
    const two = await resolve();
    assert.deepEqual([two.version, two.invokedArn], ["2", `${arn("f")}:live`]);
    assert.equal((await two.assignment()).version, "2");
    assert.equal((functions.directory.resolve(scope, "f", "live") as Target).key, one.key);
    await functions.aliases.update(scope, "f", { Name: "live", FunctionVersion: "2", RoutingConfig: {} });
    assert.equal((await resolve()).key, two.key);
    assert.equal((functions.directory.resolve(scope, "f", "live") as Target).key, two.key);
    await functions.aliases.remove(scope, "f", "live");
    await assert.rejects(resolve(), { message: `Function not found: ${arn("f")}:live` });
  });

  it("hears of changes that others make to the documents", async (t) => {
    const { functions, store } = await openDomain(t);
    await functions.create(scope, "f", request("f"));
    await functions.settled();
    await functions.directory.resolve(scope, "f", undefined);
    const stored = (await store.documents.get<object>("function", "123456789012/us-east-1/f")) ?? assert.fail();
    await store.documents.replace("function", stored.key, { ...stored.value, reservedConcurrency: 7 }, stored.version);
    assert.equal((await functions.directory.resolve(scope, "f", undefined)).reservedConcurrency, 7);
  });

  it("keeps accounts and regions apart", async (t) => {
    const { functions } = await openDomain(t);
    await functions.create(scope, "f", request("f"));
    await functions.settled();
    for (const other of [
      { account: "210987654321", region: "us-east-1" },
      { account: "123456789012", region: "eu-west-1" },
    ]) {
      await assert.rejects(async () => functions.directory.resolve(other, "f", undefined), {
        code: "ResourceNotFoundException",
      });
      assert.deepEqual(await functions.list(other, { limit: 10, allVersions: true }), { items: [] });
      assert.deepEqual(functions.usage(other), { functionCount: 0, totalCodeSize: 0 });
    }
  });

  it("names what it did not find as AWS does", async (t) => {
    const { functions } = await openDomain(t);
    await functions.create(scope, "f", request("f"));
    await functions.settled();
    for (const qualifier of ["1", "alias", "$latest", "007", "0", "99999999999"]) {
      await assert.rejects(async () => functions.directory.resolve(scope, "f", qualifier), {
        message: `Function not found: ${arn("f")}:${qualifier}`,
      });
    }
  });

  it("tells the worker all that it needs", async (t) => {
    const asked: unknown[] = [];
    const { functions } = await openDomain(t, {
      credentialsFor: (wanted) => {
        asked.push(wanted);
        return randomCredentials();
      },
    });
    await functions.create(
      scope,
      "f",
      request("f", {
        Publish: true,
        MemorySize: 1769,
        EphemeralStorage: { Size: 600 },
        Environment: { Variables: { A: "b" } },
        LoggingConfig: { LogFormat: "JSON", SystemLogLevel: "WARN" },
      }),
    );
    await functions.settled();
    const target = await functions.directory.resolve(scope, "f", "1");
    const { credentials, key, tree, ...rest } = await target.assignment();
    assert.equal(key, target.key);
    assert.match(tree.code ?? "", /^\/images\/[0-9a-f]{64}$/);
    assert.match(credentials.accessKeyId, /^ASIA[A-Z2-7]{16}$/);
    assert.equal(credentials.secretAccessKey.length, 40);
    assert.deepEqual(asked, [{ scope, role, functionArn: `${arn("f")}:1` }]);
    assert.deepEqual(rest, {
      functionArn: `${arn("f")}:1`,
      functionName: "f",
      version: "1",
      account: scope.account,
      region: scope.region,
      runtime: "nodejs24.x",
      handler: "index.handler",
      timeoutSeconds: 3,
      memoryMB: 1769,
      limits: { memoryMB: 1769, vcpus: 1, pids: 1024, tmpMB: 600 },
      network: { kind: "none" },
      environment: { A: "b" },
      logging: { group: "/aws/lambda/f", format: "JSON", applicationLevel: "INFO", systemLevel: "WARN" },
    });
  });

  it("says what is missing when the runtime has gone from the machine", async (t) => {
    let gone = false;
    const runtimes = { ...testRuntimes, image: (id: string) => (gone ? undefined : testRuntimes.image(id)) };
    const { functions } = await openDomain(t, { runtimes });
    await functions.create(scope, "f", request("f"));
    await functions.settled();
    gone = true;
    const target = await functions.directory.resolve(scope, "f", undefined);
    await assert.rejects(target.assignment(), {
      code: "InvalidRuntimeException",
      message: /kiln runtimes build nodejs24\.x/,
    });
  });
});
