/**
 * Writes `src/wire/constraints/generated/*.json`: lengths, patterns, ranges, enums and required members of the inputs of
 * each service, taken from botocore's service models, because the schemas of the JavaScript SDK leave them out.
 *
 *   pip download botocore --no-deps && unzip botocore-*.whl -d /tmp/botocore
 *   bin/node tools/generate-constraints.ts /tmp/botocore/botocore/data
 *
 * Without an argument it reads the data of Debian's python3-botocore package.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import type { ConstraintShape, ConstraintTable } from "../src/wire/constraints/table.ts";

const services = ["cloudtrail", "iam", "lambda", "logs", "sts"];
const generated = resolve(import.meta.dirname, "../src/wire/constraints/generated");
const data = process.argv[2] ?? "/usr/lib/python3/dist-packages/botocore/data";

interface ModelShape {
  type: string;
  required?: string[];
  members?: Record<string, { shape: string }>;
  member?: { shape: string };
  key?: { shape: string };
  value?: { shape: string };
  min?: number;
  max?: number;
  pattern?: string;
  enum?: string[];
  sensitive?: boolean;
}

interface Model {
  operations: Record<string, { input?: { shape: string } }>;
  shapes: Record<string, ModelShape>;
}

function readModel(service: string): { version: string; model: Model } {
  const version = readdirSync(join(data, service)).toSorted().at(-1) ?? "";
  const file = join(data, service, version, "service-2.json");
  const text = existsSync(file) ? readFileSync(file) : gunzipSync(readFileSync(`${file}.gz`));
  return { version, model: JSON.parse(text.toString("utf8")) as Model };
}

/** The shapes that an operation's input reaches, reduced to what constrains a value. */
function tableOf(service: string): ConstraintTable {
  const { version, model } = readModel(service);
  const operations: Record<string, string> = {};
  const shapes: Record<string, ConstraintShape> = {};

  function add(name: string): void {
    if (shapes[name] !== undefined) return;
    const shape = model.shapes[name];
    if (shape === undefined) throw new Error(`${service}: the model has no shape ${name}`);
    const reduced = reduce(shape);
    shapes[name] = reduced;
    for (const used of [...Object.values(reduced.members ?? {}), reduced.member, reduced.key, reduced.value]) {
      if (used !== undefined) add(used);
    }
  }

  for (const [name, operation] of Object.entries(model.operations).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (operation.input === undefined) continue;
    operations[name] = operation.input.shape;
    add(operation.input.shape);
  }
  return { source: `${service}/${version}`, operations, shapes };
}

function reduce(shape: ModelShape): ConstraintShape {
  return {
    type: shape.type,
    ...(shape.required?.length ? { required: shape.required } : {}),
    ...(shape.members && {
      members: Object.fromEntries(Object.entries(shape.members).map(([name, member]) => [name, member.shape])),
    }),
    ...(shape.member && { member: shape.member.shape }),
    ...(shape.key && { key: shape.key.shape }),
    ...(shape.value && { value: shape.value.shape }),
    ...(shape.min !== undefined && { min: shape.min }),
    ...(shape.max !== undefined && { max: shape.max }),
    ...(shape.pattern !== undefined && { pattern: shape.pattern }),
    ...(shape.enum && { enum: shape.enum }),
    ...(shape.sensitive === true && { sensitive: true }),
  };
}

function lines(record: Readonly<Record<string, unknown>>): string {
  return Object.keys(record)
    .toSorted()
    .map((name) => `    ${JSON.stringify(name)}: ${JSON.stringify(record[name])}`)
    .join(",\n");
}

/** One shape per line, in the order of names, so that a new model shows as a readable difference. */
function format(table: ConstraintTable): string {
  return [
    "{",
    `  "source": ${JSON.stringify(table.source)},`,
    `  "operations": {\n${lines(table.operations)}\n  },`,
    `  "shapes": {\n${lines(table.shapes)}\n  }`,
    "}\n",
  ].join("\n");
}

for (const service of services) {
  const table = tableOf(service);
  const file = join(generated, `${service}.json`);
  writeFileSync(file, format(table));
  console.log(
    `${file}: ${Object.keys(table.operations).length} operations, ${Object.keys(table.shapes).length} shapes`,
  );
}
