import assert from "node:assert/strict";
import { test } from "node:test";
import * as sts from "@aws-sdk/client-sts";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import { servicesOf, type ServiceParts } from "../../src/compose/services.ts";
import type { DeferredService, Operation, ServiceDefinition } from "../../src/wire/contract.ts";
import { bindService } from "../../src/wire/service.ts";
import { defaultWireLimits } from "../../src/wire/index.ts";
import { startServer } from "./server.ts";

const identity: Operation = () => Promise.resolve({ Account: "123456789012" });
const stsDefinition: ServiceDefinition = {
  name: "sts",
  protocol: "query",
  query: { version: "2011-06-15", xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/" },
  schemas: Object.values(sts),
  operations: { GetCallerIdentity: identity },
  constraints: undefined,
};
const logsDefinition: ServiceDefinition = {
  name: "later",
  protocol: "aws-json",
  target: "Later_1",
  schemas: Object.values(logs),
  operations: { DescribeLogGroups: () => Promise.resolve({ logGroups: [] }) },
  constraints: undefined,
};

/** Counts how often each is loaded; a load whose turn is in `broken` fails. */
function counted(definition: ServiceDefinition, broken: readonly number[] = []): DeferredService & { loads: number } {
  const { name, target, query } = definition;
  return {
    name,
    ...(target !== undefined && { target }),
    ...(query !== undefined && { forms: {} }),
    loads: 0,
    load() {
      this.loads += 1;
      return broken.includes(this.loads) ? Promise.reject(new Error("broken")) : Promise.resolve(definition);
    },
  };
}

const form = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } };
const call = { method: "POST", headers: { "x-amz-target": "Later_1.DescribeLogGroups" }, body: "{}" };

test("a service is loaded once, by the first request that means it", async () => {
  const [forms, later] = [counted(stsDefinition), counted(logsDefinition)];
  await using server = await startServer({ services: [later, forms] });
  const unknown = await fetch(`${server.url}/2099-01-01/nothing`);
  assert.equal(unknown.status, 404);
  assert.deepEqual([forms.loads, later.loads], [0, 0]);

  const answers = await Promise.all([1, 2, 3].map(() => fetch(server.url, call)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  );
  assert.deepEqual([forms.loads, later.loads], [0, 1]);

  const answer = await fetch(server.url, { ...form, body: "Action=GetCallerIdentity&Version=2011-06-15" });
  assert.match(await answer.text(), /<Account>123456789012<\/Account>/);
  assert.deepEqual([forms.loads, later.loads], [1, 1]);
  assert.deepEqual(server.faults, []);
});

test("a service that cannot be loaded is a fault of ours, and tried again", async () => {
  const later = counted(logsDefinition, [1]);
  await using server = await startServer({ services: [later] });
  const first = await fetch(server.url, call);
  assert.equal(first.status, 500);
  assert.doesNotMatch(await first.text(), /broken/);
  assert.deepEqual(
    server.faults.map((fault) => (fault as Error).message),
    ["broken"],
  );
  assert.equal((await fetch(server.url, call)).status, 200);
  assert.equal(later.loads, 2);
});

test("a service that is another one than was said is a fault of ours", async () => {
  const liar: DeferredService = { name: "later", target: "Later_2", load: () => Promise.resolve(logsDefinition) };
  await using server = await startServer({ services: [liar] });
  const answer = await fetch(server.url, { ...call, headers: { "x-amz-target": "Later_2.DescribeLogGroups" } });
  assert.equal(answer.status, 500);
  assert.match(String(server.faults[0]), /is not what was said/);
});

test("Kiln's own services are what is said of them before they are loaded", async () => {
  // Operations keep what they are given until they are called.
  const services = servicesOf({ lambda: {}, identity: {}, trail: {}, trails: {} } as unknown as ServiceParts);
  const deferred = services.filter((service) => "load" in service);
  assert.deepEqual(
    deferred.map(({ name }) => name),
    ["logs", "sts", "cloudtrail", "iam", "sqs", "kms"],
  );
  for (const service of deferred) {
    const definition = await service.load();
    assert.equal(definition.name, service.name);
    assert.equal(definition.target, service.target);
    assert.equal(definition.query === undefined, service.forms === undefined);
    assert.equal(definition.query?.ofPath, service.forms?.ofPath);
    // Throws where a handler has no schema.
    bindService(definition, defaultWireLimits);
  }
});
