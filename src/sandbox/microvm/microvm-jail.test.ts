import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChildExit } from "../host/children.ts";
import { createHoldings } from "../jail/holdings.ts";
import { microvmJail, type MicrovmParts } from "./microvm-jail.ts";

/** No process has this id. */
const NOBODY = 0x7fff_ffff;
const memory = () => ({ currentBytes: 0, peakBytes: 0, oomKills: 0 });

test("a machine that ends late gives back what it holds when it does", async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<ChildExit>();
  const { promise: gone, resolve: onGone } = Promise.withResolvers<void>();
  const seen: string[] = [];
  const holdings = createHoldings();
  holdings.add(() => void seen.push("released"));
  const jail = microvmJail({
    id: "late",
    pid: NOBODY,
    ended,
    vm: {},
    agent: { firstExit: () => undefined, memory },
    group: { setCpu: () => undefined, memory },
    sockets: new Set(),
    holdings,
    report: (error: unknown) => assert.fail(String(error)),
    endWithinMs: 20,
    onGone,
  } as unknown as MicrovmParts);
  await assert.rejects(jail.destroy(), { code: "JAIL_DOES_NOT_END" });
  assert.deepEqual(seen, []);
  end({ status: null, signal: "SIGKILL" });
  await gone;
  assert.deepEqual(seen, ["released"]);
});
