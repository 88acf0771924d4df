/** The table behind the page of API coverage names every operation that is built, and only members that exist. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as sts from "@aws-sdk/client-sts";
import { coverageTables, implementedOperations } from "../../src/services/catalogue.ts";
import { lambdaMissing } from "../../src/services/lambda/missing.ts";
import { operationSchemas } from "../../src/wire/index.ts";
import { memberRows } from "../../tools/coverage-members.ts";

const clients: Record<string, Record<string, unknown>> = { lambda, logs, iam, sts };
const operations = (service: string) => operationSchemas(Object.values(clients[service] ?? {}));

describe("the coverage table", () => {
  for (const [service, implemented] of Object.entries(implementedOperations())) {
    it(`of ${service} has every operation that is built, and no other`, () => {
      assert.deepEqual(Object.keys(coverageTables()[service] ?? {}).toSorted(), implemented);
    });

    it(`of ${service} covers every input member`, () => {
      const table = coverageTables()[service] ?? {};
      for (const schema of operations(service).filter(({ name }) => implemented.includes(name))) {
        const paths = memberRows(schema, table).map(({ path }) => path);
        for (const [member] of schema.input.structIterator()) assert.ok(paths.includes(member), member);
      }
    });
  }

  it("is refused when it names what does not exist, or leaves out an operation", () => {
    const create = operations("lambda").find(({ name }) => name === "CreateFunction");
    assert.ok(create);
    const exception = { standing: "kept", why: "" } as const;
    assert.throws(() => memberRows(create, {}), /no entry for CreateFunction/);
    assert.throws(
      () => memberRows(create, { CreateFunction: { "Code.Nothing": exception } }),
      /no member Code.Nothing/,
    );
  });

  it("makes no rows below an exception, and rows of all else", () => {
    const create = operations("lambda").find(({ name }) => name === "CreateFunction");
    assert.ok(create);
    const exception = { standing: "kept", why: "because" } as const;
    const rows = memberRows(create, { CreateFunction: { VpcConfig: exception, "Code.ImageUri": exception } });
    const about = (start: string) => rows.filter(({ path }) => path.startsWith(start)).map(({ path }) => path);
    assert.deepEqual(about("VpcConfig"), ["VpcConfig"]);
    assert.deepEqual(about("Code.").includes("Code.ZipFile"), true);
    assert.deepEqual(
      rows.find(({ path }) => path === "Code.ImageUri"),
      { path: "Code.ImageUri", exception },
    );
  });
});

it("an operation that is built does not stand among the missing ones", () => {
  const built = implementedOperations()["lambda"] ?? [];
  assert.deepEqual(
    Object.keys(lambdaMissing).filter((name) => built.includes(name)),
    [],
  );
});
