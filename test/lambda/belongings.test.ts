/** Whatever belongs to a function, a version or an alias goes with it, also when calls meet in the same moment. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { ServiceError } from "../../src/base/errors.ts";
import type { FunctionDocument } from "../../src/functions/contract.ts";
import type { Documents } from "../../src/store/contract.ts";
import { openDomain, request, scope } from "./support.ts";

const ROUNDS = 40;
const publishers = { SigningProfileVersionArns: ["arn:aws:signer:us-east-1:123456789012:/signing-profiles/test"] };
const config = (id: string) => `arn:aws:lambda:us-east-1:123456789012:code-signing-config:${id}`;

async function keysOf(documents: Documents, kind: string): Promise<string[]> {
  return (await documents.list(kind, "", { limit: 1000 })).items.map(({ key }) => key);
}

it("nothing is left behind by deletions that meet changes", async (t) => {
  const { functions, store } = await openDomain(t);
  const { documents } = store;
  const { id } = await functions.codeSigning.create(scope, { AllowedPublishers: publishers });
  const owner = { scope, name: "f" };
  let refusals = 0;
  let round = 0;
  const changes: (() => Promise<unknown>)[] = [
    () => functions.create(scope, "f", { ...request("f"), CodeSigningConfigArn: config(id) }),
    () => functions.publish(scope, "f", {}),
    () => functions.updateConfiguration(scope, "f", { FunctionName: "f", Description: String((round += 1)) }),
    () => functions.aliases.create(scope, "f", { Name: "live", FunctionVersion: "$LATEST" }),
    () => functions.remove(scope, "f"),
    () => functions.remove(scope, "f", "1"),
    () => functions.aliases.remove(scope, "f", "live"),
    () => functions.codeSigning.attach(scope, "f", config(id)),
    () => functions.codeSigning.detach(scope, "f"),
    ...["$LATEST", "1", "live"].flatMap((qualifier) => {
      const target = { scope, name: "f", qualifier };
      return [
        () =>
          functions.policies.add(qualifier === "$LATEST" ? owner : target, {
            StatementId: `s${(round += 1)}`,
            Action: "lambda:InvokeFunction",
            Principal: "*",
          }),
        () => functions.eventInvoke.put(target, { MaximumRetryAttempts: 1 }),
      ];
    }),
    () => functions.runtimeManagement.put(scope, "f", "1", { updateRuntimeOn: "FunctionUpdate" }),
    () => functions.tags.add({ scope, kind: "function", id: "f" }, { a: "b" }),
    () => functions.recursion.put(scope, "f", "Allow"),
  ];
  for (let count = 0; count < ROUNDS; count += 1) {
    const some = Array.from({ length: 12 }, () => changes[Math.floor(Math.random() * changes.length)]);
    const results = await Promise.allSettled(some.map(async (change) => change?.()));
    for (const result of results) {
      if (result.status === "fulfilled") continue;
      if (!(result.reason instanceof ServiceError)) throw result.reason;
      refusals += 1;
    }
    await functions.settled();
    const owners = new Set([
      ...(await keysOf(documents, "function")).map((key) => `${key}/$LATEST`),
      ...(await keysOf(documents, "function-version")).map((key) => key.replace(/\/0*(\d+)$/, "/$1")),
      ...(await keysOf(documents, "function-alias")),
    ]);
    for (const kind of ["function-policy", "event-invoke-config", "runtime-management-config"]) {
      for (const key of await keysOf(documents, kind)) assert.ok(owners.has(key), `${kind} ${key} has no owner`);
    }
    const { items } = await documents.list<FunctionDocument>("function", "", { limit: 10 });
    assert.deepEqual(
      await keysOf(documents, "code-signing-use"),
      items
        .filter(({ value }) => value.codeSigningConfig)
        .map(({ value }) => `123456789012/us-east-1/${id}/${value.name}`),
    );
  }
  assert.ok(refusals > 0, "no call ever met another one");
});
