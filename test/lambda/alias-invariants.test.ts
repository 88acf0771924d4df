/**
 * What must be true of aliases after any sequence of calls, one after the other, at the same time, and after a restart:
 * an alias belongs to a function that is there, and names versions that are there.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { array, assert as check, asyncProperty, boolean, constantFrom, integer, record } from "fast-check";
import { ServiceError } from "../../src/base/errors.ts";
import type { AliasDocument } from "../../src/functions/aliases/contract.ts";
import type { FunctionDocument, FunctionVersion, Functions } from "../../src/functions/contract.ts";
import { openDomain, request, scope, type TestDomain } from "./support.ts";

const names = ["live", "next"] as const;
const kinds = [
  "publish",
  "remove-version",
  "create-alias",
  "update-alias",
  "remove-alias",
  "remove-function",
  "create-function",
] as const;

interface Call {
  kind: (typeof kinds)[number];
  alias: string;
  /** Distance from the newest version, for numbers go on after a deletion; 0 is $LATEST. */
  version: number;
  second: number;
  weighted: boolean;
}

const version = integer({ min: 0, max: 4 });
const call = record<Call>({
  // What makes something comes more often than what removes all of it.
  kind: constantFrom(...kinds.slice(0, 5), ...kinds.slice(0, 5), ...kinds.slice(0, 5), ...kinds),
  alias: constantFrom(...names),
  version,
  second: version,
  weighted: boolean(),
});

interface Step {
  calls: Call[];
  restart: boolean;
}

let content = 0;

async function perform(functions: Functions, newest: number, { kind, ...given }: Call): Promise<unknown> {
  const number = (distance: number) => (distance === 0 ? "$LATEST" : String(Math.max(newest + 1 - distance, 1)));
  const target = {
    Name: given.alias,
    FunctionVersion: number(given.version),
    ...(given.weighted ? { RoutingConfig: { AdditionalVersionWeights: { [number(given.second)]: 0.5 } } } : {}),
  };
  switch (kind) {
    case "create-function":
      return functions.create(scope, "f", request("f"));
    case "publish":
      content += 1;
      await functions.updateConfiguration(scope, "f", { FunctionName: "f", Description: String(content) });
      await functions.settled();
      return functions.publish(scope, "f", {});
    case "remove-version":
      return functions.remove(scope, "f", number(given.version));
    case "create-alias":
      return functions.aliases.create(scope, "f", target);
    case "update-alias":
      return functions.aliases.update(scope, "f", target);
    case "remove-alias":
      return functions.aliases.remove(scope, "f", given.alias);
    case "remove-function":
      return functions.remove(scope, "f");
  }
}

async function holds({ functions, store }: TestDomain): Promise<void> {
  const [stored, versions, aliases] = await Promise.all([
    store.documents.list<FunctionDocument>("function", "", { limit: 10 }),
    store.documents.list<FunctionVersion>("function-version", "", { limit: 1000 }),
    store.documents.list<AliasDocument>("function-alias", "", { limit: 10 }),
  ]);
  const published = new Set(versions.items.map(({ value }) => value.version));
  if (stored.items.length === 0) assert.deepEqual([versions.items, aliases.items], [[], []]);
  for (const { key, value } of aliases.items) {
    assert.equal(key, `123456789012/us-east-1/f/${value.name}`);
    const { functionVersion, routing } = value;
    assert.ok(functionVersion === "$LATEST" ? !routing : published.has(functionVersion), `${key} ${functionVersion}`);
    if (routing) assert.ok(published.has(routing.version) && routing.version !== functionVersion, `${key} second`);
  }
  const known = new Map(aliases.items.map(({ value }) => [value.name, value]));
  for (const name of names) {
    const expected = known.get(name);
    assert.deepEqual((await functions.aliases.find(scope, "f", name))?.alias, expected);
    if (!expected) {
      await assert.rejects(async () => functions.directory.resolve(scope, "f", name), {
        code: "ResourceNotFoundException",
      });
      continue;
    }
    const routed = new Set<string>();
    for (let draw = 0; draw < 2; draw += 1) routed.add((await functions.directory.resolve(scope, "f", name)).version);
    const allowed = [expected.functionVersion, ...(expected.routing ? [expected.routing.version] : [])];
    assert.deepEqual(
      [...routed].filter((each) => !allowed.includes(each)),
      [],
    );
  }
}

describe("aliases and versions", { timeout: 120_000 }, () => {
  it("agree after any sequence of calls", async (t) => {
    // Every other call goes to the second version.
    let draws = 0;
    const domain = await openDomain(t, { random: () => (draws += 1) % 2 });
    const step = record({ calls: array(call, { minLength: 1, maxLength: 4 }), restart: boolean() });
    const seen = new Map<string, number>();
    await check(
      asyncProperty(array(step, { minLength: 1, maxLength: 12, size: "max" }), async (steps: Step[]) => {
        const first = await domain.functions.create(scope, "f", request("f", { Publish: true }));
        await domain.functions.settled();
        await perform(domain.functions, 1, { kind: "publish", alias: "", version: 0, second: 0, weighted: false });
        await domain.functions.aliases.create(scope, "f", { Name: "live", FunctionVersion: first.version.version });
        for (const { calls, restart } of steps) {
          const counter = (await domain.store.documents.get<FunctionDocument>("function", "123456789012/us-east-1/f"))
            ?.value.nextVersion;
          const newest = (counter ?? 1) - 1;
          const outcomes = await Promise.all(
            calls.map((each) =>
              tolerant(perform(domain.functions, newest, each)).then((code) => `${each.kind} ${code}`),
            ),
          );
          for (const outcome of outcomes) seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
          if (restart) await domain.restart();
          await domain.functions.settled();
          await holds(domain);
        }
        await tolerant(domain.functions.remove(scope, "f"));
        await holds(domain);
      }),
      { numRuns: 100, interruptAfterTimeLimit: 20_000, endOnFailure: true },
    );
    assert.deepEqual(domain.reports, []);
    // The calls must have met both: what is done, and what the rules refuse.
    for (const met of [
      "create-alias ok",
      "update-alias ok",
      "remove-version ok",
      "remove-version ResourceConflictException",
    ]) {
      assert.ok(seen.has(met), `${met} was never met: ${[...seen.keys()].join(", ")}`);
    }
  });
});

/** `ok`, or the code of the error; anything but a refusal fails the test. */
async function tolerant(outcome: Promise<unknown>): Promise<string> {
  try {
    await outcome;
    return "ok";
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}
