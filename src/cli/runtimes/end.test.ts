import assert from "node:assert/strict";
import { test } from "node:test";
import type { RuntimeEntry } from "../../artifacts/contract.ts";
import { endOfRuntime } from "./end.ts";

const old: RuntimeEntry = {
  id: "nodejs22.x",
  family: "nodejs",
  deprecated: "2027-04-30",
  blockCreate: "2027-06-01",
  blockUpdate: "2027-07-01",
};
const catalogue: RuntimeEntry[] = [
  { id: "nodejs26.x", family: "nodejs", build: { kind: "node", version: "26.0.0" } },
  { id: "nodejs24.x", family: "nodejs", build: { kind: "node", version: "24.0.0" }, deprecated: "2028-04-30" },
  old,
];

const cases: [time: string, expected: string | undefined][] = [
  ["2026-10-31T23:59:59Z", undefined],
  [
    "2026-11-01T00:00:00Z",
    "nodejs22.x will be deprecated on 2027-04-30, in 180 days. Functions on it cannot be created from 2027-06-01 on, and cannot be updated from 2027-07-01 on. Move to nodejs24.x.",
  ],
  [
    "2027-04-29T12:00:00Z",
    "nodejs22.x will be deprecated on 2027-04-30, in one day. Functions on it cannot be created from 2027-06-01 on, and cannot be updated from 2027-07-01 on. Move to nodejs24.x.",
  ],
  [
    "2027-04-30T00:00:00Z",
    "nodejs22.x has been deprecated since 2027-04-30: it gets no security updates any more. Functions on it cannot be created from 2027-06-01 on, and cannot be updated from 2027-07-01 on. Move to nodejs24.x.",
  ],
  [
    "2027-06-01T00:00:00Z",
    "nodejs22.x has been deprecated since 2027-04-30: it gets no security updates any more. Functions on it can no longer be created, and cannot be updated from 2027-07-01 on. Move to nodejs24.x.",
  ],
  [
    "2027-07-01T00:00:00Z",
    "nodejs22.x has been deprecated since 2027-04-30: it gets no security updates any more. Functions on it can no longer be created, and can no longer be updated. Move to nodejs24.x.",
  ],
];

for (const [time, expected] of cases) {
  test(`the end of a runtime, seen on ${time}`, () => {
    assert.equal(
      endOfRuntime(old, catalogue, () => Date.parse(time)),
      expected,
    );
  });
}

test("nothing is said of a runtime whose end nobody has announced", () => {
  for (const entry of catalogue.slice(0, 2)) assert.equal(endOfRuntime(entry, catalogue, Date.now), undefined);
});
