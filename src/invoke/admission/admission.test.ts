import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createAdmission, type AdmissionRequest, type Slot } from "./admission.ts";

const scope = { account: "000000000000", region: "us-east-1" };
const request = (changes: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  scope,
  functionName: "f",
  version: "1",
  reserved: undefined,
  accountLimit: 3,
  reservedTotal: 0,
  ...changes,
});

test("an account's calls are bounded, and a slot that is given back is free again", () => {
  const admission = createAdmission({ requestRate: Number.POSITIVE_INFINITY });
  const slots = [1, 2, 3].map((n) => admission.enter(request({ functionName: `f${n}` })));
  assert.throws(() => admission.enter(request()), {
    code: "TooManyRequestsException",
    status: 429,
    message: "Rate Exceeded.",
    members: { Reason: "ConcurrentInvocationLimitExceeded", Type: "User", retryAfterSeconds: "1" },
  });
  assert.equal(admission.running, 3);
  admission.leave(slots[0] as Slot);
  admission.enter(request());
});

test("a reservation is a function's own part, and its limit", () => {
  const admission = createAdmission({ requestRate: Number.POSITIVE_INFINITY });
  const mine = { reserved: 1, reservedTotal: 1 };
  admission.enter(request(mine));
  assert.throws(() => admission.enter(request(mine)), {
    members: { Reason: "ReservedFunctionConcurrentInvocationLimitExceeded", Type: "User", retryAfterSeconds: "1" },
  });
  admission.enter(request({ functionName: "g", reservedTotal: 1 }));
  admission.enter(request({ functionName: "g", reservedTotal: 1 }));
  assert.throws(() => admission.enter(request({ functionName: "g", reservedTotal: 1 })), {
    code: "TooManyRequestsException",
  });
});

test("a function whose reservation is 0 is switched off", () => {
  assert.throws(() => createAdmission({ requestRate: Number.POSITIVE_INFINITY }).enter(request({ reserved: 0 })), {
    status: 429,
  });
});

test("accounts and regions do not take each other's slots", () => {
  const admission = createAdmission({ requestRate: Number.POSITIVE_INFINITY });
  for (const other of [scope, { ...scope, region: "eu-west-1" }, { ...scope, account: "111111111111" }]) {
    admission.enter(request({ scope: other, accountLimit: 1 }));
  }
});

test("whatever the order of calls, limits hold and nothing is left over", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(3), fc.option(fc.nat(3))), { maxLength: 100 }), (steps) => {
      const admission = createAdmission({ requestRate: Number.POSITIVE_INFINITY });
      const held: Slot[] = [];
      for (const [enter, name, reserved] of steps) {
        if (enter) {
          try {
            held.push(admission.enter(request({ functionName: `f${name}`, reserved: reserved ?? undefined })));
          } catch {
            assert.ok(reserved !== null || held.length >= 3);
          }
        } else {
          const slot = held.pop();
          if (slot !== undefined) admission.leave(slot);
        }
        for (const slot of held) assert.ok(slot.running <= 3 && slot.running > 0);
        assert.equal(admission.running, held.length);
      }
    }),
  );
});

test("what is provisioned is set aside for its version, within the reservation or the account", () => {
  const admission = createAdmission({ requestRate: Number.POSITIVE_INFINITY });
  const reserved = { reserved: 3, provisioned: 2, provisionedTotal: 2, reservedTotal: 3 };
  const latest = { ...reserved, version: "$LATEST", provisioned: undefined };
  const other = admission.enter(request(latest));
  assert.throws(() => admission.enter(request(latest)), {
    members: { Reason: "ReservedFunctionConcurrentInvocationLimitExceeded", Type: "User", retryAfterSeconds: "1" },
  });
  admission.enter(request(reserved));
  admission.enter(request(reserved));
  assert.throws(() => admission.enter(request(reserved)), { status: 429 });
  admission.leave(other);
  // Beyond what is provisioned, the version takes what its function has left.
  admission.enter(request(reserved));
  assert.throws(() => admission.enter(request(latest)), { status: 429 });

  const account = createAdmission({ requestRate: Number.POSITIVE_INFINITY });
  const unreserved = { provisioned: 1, provisionedTotal: 1, accountLimit: 2, reservedTotal: 1 };
  account.enter(request({ ...unreserved, functionName: "g", provisioned: undefined }));
  assert.throws(() => account.enter(request({ ...unreserved, functionName: "g", provisioned: undefined })), {
    members: { Reason: "ConcurrentInvocationLimitExceeded", Type: "User", retryAfterSeconds: "1" },
  });
  account.enter(request(unreserved));
  assert.throws(() => account.enter(request(unreserved)), { status: 429 });
});

test("a reservation that comes or goes counts the calls that run", () => {
  const admission = createAdmission({ requestRate: Number.POSITIVE_INFINITY });
  const first = admission.enter(request());
  admission.enter(request());
  const two = { reserved: 2, reservedTotal: 2 };
  assert.throws(() => admission.enter(request(two)), { status: 429 });
  // The calls that run are the function's own now: others have the account's last slot.
  const other = admission.enter(request({ functionName: "g", reservedTotal: 2 }));
  assert.throws(() => admission.enter(request({ functionName: "g", reservedTotal: 2 })), { status: 429 });
  admission.leave(first);
  admission.enter(request(two));
  assert.throws(() => admission.enter(request()), {
    members: { Reason: "ConcurrentInvocationLimitExceeded", Type: "User", retryAfterSeconds: "1" },
  });
  admission.leave(other);
  admission.enter(request());
});

test("requests per second: ten for each unit of concurrency, of a reservation, of what is shared, of what is provisioned", () => {
  let now = 0;
  const admission = createAdmission({ requestRate: 10, now: () => now });
  /** How many calls, one after the other, are let in at this instant; and why the next is not. */
  const atOnce = (changes: Partial<AdmissionRequest>): [number, unknown] => {
    for (let count = 0; ; count += 1) {
      try {
        admission.leave(admission.enter(request({ accountLimit: 5, ...changes })));
      } catch (error) {
        return [count, (error as { members: { Reason: string } }).members.Reason];
      }
    }
  };
  assert.deepEqual(atOnce({ reservedTotal: 2 }), [30, "FunctionInvocationRateLimitExceeded"]);
  assert.deepEqual(atOnce({ functionName: "g", reservedTotal: 2 }), [0, "FunctionInvocationRateLimitExceeded"]);
  const reserved = { functionName: "r", reserved: 2, reservedTotal: 2 };
  assert.deepEqual(atOnce(reserved), [20, "ReservedFunctionInvocationRateLimitExceeded"]);
  now += 500;
  assert.deepEqual(atOnce(reserved), [10, "ReservedFunctionInvocationRateLimitExceeded"]);
  // What goes beyond the rate of provisioned environments counts as any other call.
  const provisioned = { functionName: "p", provisioned: 1, provisionedTotal: 1, reserved: 2, reservedTotal: 2 };
  assert.deepEqual(atOnce(provisioned), [20, "ReservedFunctionInvocationRateLimitExceeded"]);
});
