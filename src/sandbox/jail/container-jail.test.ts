import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { Socket } from "node:net";
import type { ChildExit } from "../host/children.ts";
import { containerJail, type JailParts } from "./container-jail.ts";
import { createHoldings } from "./holdings.ts";

/** No process has this id. */
const NOBODY = 0x7fff_ffff;

test("a jail that ends late has all processors for it, holds up nobody, and gives back what it holds", async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<ChildExit>();
  const { promise: gone, resolve: onGone } = Promise.withResolvers<void>();
  const seen: string[] = [];
  const reports: unknown[] = [];
  const holdings = createHoldings();
  holdings.add(() => void seen.push("released"));
  const socket = new PassThrough();
  const limits = { memoryMB: 128, vcpus: 0.07, pids: 1024, tmpMB: 512 };
  const jail = containerJail({
    id: "late",
    pid: NOBODY,
    ended,
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    group: {
      setCpu: (vcpus: number) => void seen.push(vcpus >= 1 ? "hurried" : "slow"),
      memory: () => ({ currentBytes: 0, peakBytes: 0, oomKills: 0 }),
    } as JailParts["group"],
    limits,
    hasTree: true,
    sockets: new Set([socket as unknown as Socket]),
    holdings,
    report: (error: unknown) => reports.push(error),
    endWithinMs: 20,
    onGone,
  } as unknown as JailParts);
  await assert.rejects(jail.destroy(), { code: "JAIL_DOES_NOT_END" });
  assert.equal(socket.destroyed, true);
  assert.deepEqual(seen, ["hurried"]);
  end({ status: null, signal: "SIGKILL" });
  await gone;
  assert.deepEqual(seen, ["hurried", "released"]);
  assert.deepEqual(reports, []);
});
