import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { settings } from "./settings.ts";

test("every variable is in the documentation", () => {
  const docs = resolve(import.meta.dirname, "../../docs");
  const pages = readdirSync(docs).filter((name) => name.endsWith(".md"));
  const text = pages.map((name) => readFileSync(join(docs, name), "utf8")).join("\n");
  const missing = Object.values(settings)
    .map(({ env }) => env)
    .filter((env) => !new RegExp(`\\b${env}\\b`).test(text));
  assert.deepEqual(missing, []);
});
