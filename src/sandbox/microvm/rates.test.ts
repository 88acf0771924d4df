import assert from "node:assert/strict";
import { test } from "node:test";
import { machineRates, rateLimit, withRates } from "./rates.ts";

test("a rate is a bucket of a second; without a number there is none", () => {
  assert.equal(rateLimit({ bytes: 0, operations: 0 }), undefined);
  assert.deepEqual(rateLimit({ bytes: 5_000_000, operations: 0 }), { bandwidth: { size: 5_000_000, refillMs: 1000 } });
  assert.deepEqual(rateLimit({ bytes: 0, operations: 20 }), { operations: { size: 20, refillMs: 1000 } });
});

test("every drive and both directions of the network have their limits", () => {
  const machine = {
    vcpus: 1,
    memoryMB: 256,
    drives: ["root", "tmp"].map((id) => ({ id, path: `/vm/${id}`, readOnly: id === "root" })),
    network: { tap: "tap0", mac: "02:00:00:00:00:01" },
  };
  const limited = withRates(machine, {
    drive: { bytes: 1000, operations: 10 },
    network: { bytes: 2000, operations: 20 },
  });
  const drive = { bandwidth: { size: 1000, refillMs: 1000 }, operations: { size: 10, refillMs: 1000 } };
  assert.deepEqual(
    limited.drives.map((one) => one.rateLimit),
    [drive, drive],
  );
  const network = { bandwidth: { size: 2000, refillMs: 1000 }, operations: { size: 20, refillMs: 1000 } };
  assert.deepEqual([limited.network.receive, limited.network.transmit], [network, network]);
  assert.ok(limited.entropyLimit?.bandwidth);
});

test("what holds for every level holds for machines", () => {
  const network = { cidr: "198.18.0.0/16", uplinks: [], limits: { connections: 1, packets: 2, bytes: 3 } };
  assert.deepEqual(machineRates({ disks: { bytes: 4, operations: 5 }, network }), {
    drive: { bytes: 4, operations: 5 },
    network: { bytes: 3, operations: 2 },
  });
  const none = { bytes: 0, operations: 0 };
  assert.deepEqual(machineRates({}), { drive: none, network: none });
});
