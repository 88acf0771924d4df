/** Whatever is reserved, provisioned, moved and deleted at once: what an account holds is what its functions hold. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { array, assert as check, asyncProperty, constantFrom, integer, record } from "fast-check";
import { ServiceError } from "../../src/base/errors.ts";
import type { FunctionDocument } from "../../src/functions/contract.ts";
import { openDomain, request, scope, type TestDomain } from "./support.ts";

const LIMIT = 130;
const MAY_BE_HELD = LIMIT - 100;

const actions = [
  "reserve",
  "release",
  "provision version",
  "provision alias",
  "unprovision version",
  "unprovision alias",
  "move alias",
  "delete alias",
  "delete version",
  "delete function",
] as const;

interface Step {
  name: string;
  what: (typeof actions)[number];
  count: number;
  version: string;
}

/** `version` is the place of a version in the list of them: numbers are never used twice. */
const step = record<Step>({
  name: constantFrom("f", "g"),
  what: constantFrom(...actions),
  count: integer({ min: 1, max: 20 }),
  version: constantFrom("1", "2"),
});

async function take({ functions }: TestDomain, { name, what, count, version }: Step): Promise<unknown> {
  const { concurrency, aliases } = functions;
  switch (what) {
    case "reserve":
      return concurrency.putReserved(scope, name, count);
    case "release":
      return concurrency.removeReserved(scope, name);
    case "provision version":
      return concurrency.putProvisioned(scope, name, version, count);
    case "provision alias":
      return concurrency.putProvisioned(scope, name, "live", count);
    case "unprovision version":
      return concurrency.removeProvisioned(scope, name, version);
    case "unprovision alias":
      return concurrency.removeProvisioned(scope, name, "live");
    case "move alias":
      return aliases.update(scope, name, { Name: "live", FunctionVersion: version });
    case "delete alias":
      return aliases.remove(scope, name, "live");
    case "delete version":
      return functions.remove(scope, name, version);
    case "delete function":
      return functions.remove(scope, name);
  }
}

async function prepare({ functions }: TestDomain, name: string): Promise<void> {
  try {
    await functions.remove(scope, name);
  } catch (error) {
    assert.ok(error instanceof ServiceError);
  }
  await functions.create(scope, name, request(name, { Publish: true }));
  await functions.settled();
  await functions.updateConfiguration(scope, name, { FunctionName: name, Timeout: 9 });
  await functions.settled();
  await functions.publish(scope, name, {});
  const { items } = await functions.listVersions(scope, name, { limit: 10 });
  await functions.aliases.create(scope, name, { Name: "live", FunctionVersion: items[1]?.version.version ?? "" });
}

it("the ledger has what the functions hold, and never too much", { timeout: 120_000 }, async (t) => {
  const domain = await openDomain(t, { limits: { concurrentExecutions: LIMIT } });
  const { documents } = domain.store;
  await check(
    asyncProperty(array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      await prepare(domain, "f");
      await prepare(domain, "g");
      const numbers = await Promise.all(
        ["f", "g"].map(async (name) => (await domain.functions.listVersions(scope, name, { limit: 10 })).items),
      );
      const results = await Promise.allSettled(
        steps.map((each) => {
          const items = numbers[each.name === "f" ? 0 : 1];
          return take(domain, { ...each, version: items?.[Number(each.version)]?.version.version ?? "" });
        }),
      );
      for (const result of results) {
        if (result.status === "rejected") assert.ok(result.reason instanceof ServiceError, String(result.reason));
      }
      const { items } = await documents.list<FunctionDocument>("function", "", { limit: 10 });
      const held: Record<string, number> = {};
      for (const { value } of items) {
        const provisioned = Object.values(value.provisioned ?? {}).reduce((sum, each) => sum + each.requested, 0);
        assert.ok(value.reservedConcurrency === undefined || provisioned <= value.reservedConcurrency);
        const holds = value.reservedConcurrency ?? provisioned;
        if (holds > 0) held[value.name] = holds;
        for (const qualifier of Object.keys(value.provisioned ?? {})) {
          assert.ok(await domain.functions.aliases.find(scope, value.name, qualifier), qualifier);
        }
      }
      const ledger = await documents.list<{ held: Record<string, number> }>("concurrency-ledger", "", { limit: 10 });
      assert.deepEqual(ledger.items[0]?.value.held ?? {}, held);
      const sum = Object.values(held).reduce((total, each) => total + each, 0);
      assert.ok(sum <= MAY_BE_HELD, `${sum}`);
      assert.equal(domain.functions.concurrency.unreserved(scope), LIMIT - sum);
    }),
    { numRuns: 40 },
  );
  assert.deepEqual(domain.reports, []);
});
