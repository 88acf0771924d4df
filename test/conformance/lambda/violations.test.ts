/** Every rule of the API's model, broken once: length, value, pattern, enumeration, required. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as sdk from "@aws-sdk/client-lambda";
import type { LambdaServiceException } from "@aws-sdk/client-lambda";
import { describeRoutes, operationSchemas } from "../../../src/wire/index.ts";
import { startApi } from "../../lambda/api.ts";
import { send } from "./good-case.ts";
import { goodCases } from "./table.ts";
import { violationsOf, type Violation } from "./violations.ts";

const schemas = operationSchemas(Object.values<unknown>(sdk));
const routes = describeRoutes(schemas);

/** Members that are part of the path. */
function labelsOf(operation: string): Set<string> {
  const path = routes.find(({ name }) => name === operation)?.path ?? "";
  return new Set([...path.matchAll(/\{(\w+)\+?\}/g)].map((match) => match[1] ?? ""));
}

/** What the official client sends: the table of constraints may be newer. */
function isSent(operation: string, { input }: Violation): boolean {
  const members = [...(schemas.find(({ name }) => name === operation)?.input.structIterator() ?? [])];
  return Object.keys(input).every((name) => members.some(([member]) => member === name));
}

/** Rules whose breach AWS answers in another way than by the model's; each has a case of its own. */
const elsewhere: readonly { operations: readonly string[]; path: string; sentence?: string; why: string }[] = [
  {
    operations: ["CreateFunction", "UpdateFunctionConfiguration"],
    path: "runtime",
    why: "checked by the service itself: InvalidParameterValueException",
  },
  {
    operations: ["ListEventSourceMappings"],
    path: "eventSourceArn",
    sentence: "length less than",
    why: "part of the URL, which is bounded to less than that: 414",
  },
];

function isElsewhere(operation: string, { path, sentence }: Violation): boolean {
  return elsewhere.some(
    (each) => each.operations.includes(operation) && each.path === path && sentence.includes(each.sentence ?? ""),
  );
}

describe("the rules of the model", () => {
  const bases = new Map(goodCases.toReversed().map((each) => [each.operation, each]));
  for (const [operation, base] of bases) {
    const violations = violationsOf(operation, labelsOf(operation)).filter(
      (each) => isSent(operation, each) && !isElsewhere(operation, each),
    );
    if (violations.length === 0) continue;
    it(`${operation}: ${violations.length} breaches`, async (t) => {
      const api = await startApi(t);
      await api.deploy("f", { Publish: true });
      const right = await base.input(api);
      await api.functions.settled();
      const before = await api.store.documents.list("function", "", { limit: 100 });
      const wrong: string[] = [];
      for (const violation of violations) {
        const complaint = await complaintOf(() => send(api, operation, { ...right, ...violation.input }), violation);
        if (complaint !== undefined) wrong.push(`${violation.path}, "${violation.sentence}": ${complaint}`);
      }
      assert.deepEqual(wrong, []);
      assert.deepEqual(await api.store.documents.list("function", "", { limit: 100 }), before);
      assert.deepEqual(api.faults, []);
    });
  }
});

/** What is wrong with the answer, if anything. */
async function complaintOf(call: () => Promise<unknown>, { path, sentence }: Violation): Promise<string | undefined> {
  try {
    await call();
    return "was let through";
  } catch (error) {
    const { name, message, $metadata } = error as LambdaServiceException;
    const said = `${$metadata?.httpStatusCode} ${name}: ${message.slice(0, 500)}`;
    if (name !== "ValidationException" || $metadata.httpStatusCode !== 400) return said;
    if (!/^\d+ validation errors? detected: Value/.test(message)) return said;
    return message.includes(` at '${path}' failed to satisfy constraint: `) && message.includes(sentence)
      ? undefined
      : said;
  }
}
