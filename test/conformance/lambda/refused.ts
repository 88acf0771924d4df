/** Refusals as tables: those of `test/lambda/cases`, and those that start from a state of their own. */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import type { TestApi } from "../../lambda/api.ts";
import type { Case } from "../../lambda/cases/case.ts";

/** A refusal that has to do with what the function or the account is just now. */
export interface StateCase extends Case {
  arrange: (context: TestContext) => Promise<TestApi>;
}

/** A title begins with the operation that it is about: `GetFunction: unknown function`. */
export function operationOf({ title }: Pick<Case, "title">): string {
  return title.slice(0, title.indexOf(":"));
}

const folder = resolve(import.meta.dirname, "../../lambda/cases");

/** Every case of every table there is, whichever test runs it. */
export async function everyRefusal(): Promise<Case[]> {
  const found: Case[] = [];
  for (const file of readdirSync(folder)) {
    const exported = Object.values((await import(join(folder, file))) as Record<string, unknown>);
    for (const table of exported) if (Array.isArray(table)) found.push(...table.filter(isCase));
  }
  return found;
}

function isCase(value: unknown): value is Case {
  return typeof value === "object" && value !== null && "title" in value && "code" in value && "send" in value;
}
