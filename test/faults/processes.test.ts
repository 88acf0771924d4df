/**
 * Processes of jails are killed at each phase of an environment's life, and the OCI runtime while it makes a jail: every call
 * has one answer or one clear error, its concurrency is free again at once, and nothing is left.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tracesOf } from "../isolation/traces.ts";
import { leftovers } from "../support/kiln.ts";
import { lettingGo, signal, until } from "./held.ts";
import { answersNext, first, phases } from "./phases.ts";
import { linesOf, openStage } from "./stage.ts";

test("processes that are killed", async (context) => {
  const stage = await openStage(context);
  for (const { name, settings } of phases) await stage.deploy(name, settings?.(stage));

  for (const phase of phases) {
    const { name, comesTo, callAfter } = phase;
    await context.test(name, async () => {
      const { victims, call, made = "first" } = await phase.reach(stage, name);
      signal(victims, "SIGKILL");
      const outcome = await (callAfter === true ? first(stage, name) : call);
      if (outcome !== undefined) {
        const seen = outcome.failed ?? outcome.refused ?? "answer";
        assert.ok(comesTo?.includes(seen), JSON.stringify(outcome));
        if (seen === "answer") assert.deepEqual(outcome.payload, { id: "first", made: "first", type: "on-demand" });
      }
      // Its reserved concurrency is 1. What was killed in its init phase is held there again.
      await lettingGo(stage.instance, answersNext(stage, phase, made));
      await until("the end of what was killed", () =>
        stage.pids().some((pid) => victims.includes(pid)) ? [] : [true],
      );
    });
  }

  for (const { name } of phases) {
    const lines = await linesOf(stage, name);
    assert.ok(lines.filter((line) => line.includes("seen first")).length <= 1, `${name} had a call twice`);
    assert.equal(lines.filter((line) => line.includes("seen next")).length, 1, name);
  }
  await stage.kiln.stop();
  assert.deepEqual([...tracesOf(stage.instance), ...leftovers(stage.kiln.state)], []);
});
