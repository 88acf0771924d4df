/**
 * Kiln itself is killed at each phase of an environment's life and started again: who waited for an answer hears of the
 * end, concurrency is free, what is provisioned comes back, no accepted event is lost, and nothing is left on the host.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { tracesOf } from "../isolation/traces.ts";
import { leftovers } from "../support/kiln.ts";
import { lettingGo, named, until } from "./held.ts";
import { answersNext, phases } from "./phases.ts";
import { linesOf, openStage } from "./stage.ts";

async function accepted(client: LambdaClient, FunctionName: string, event: object): Promise<void> {
  const Payload = JSON.stringify(event);
  const { StatusCode } = await client.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload }));
  assert.equal(StatusCode, 202);
}

test("a Kiln that is killed", { timeout: 300_000 }, async (context) => {
  const stage = await openStage(context);
  for (const { name, settings } of phases) await stage.deploy(name, settings?.(stage));
  await stage.deploy("event");
  await stage.deploy("events");

  async function again(): Promise<void> {
    await stage.kiln.kill();
    await stage.kiln.start();
    // An OCI runtime that has outlived Kiln may go on when the next one is there.
    stage.letJailsGo();
  }

  // It is held when it is run again, which is after some time: it goes on beside the others.
  await context.test("an event that is run", async () => {
    await accepted(stage.client(), "event", { id: "held", hold: "call" });
    await until("the event", () => named(stage.instance, "held-call"));
    await again();
  });

  for (const phase of phases) {
    const { name } = phase;
    await context.test(name, async () => {
      const { victims, call, made = "first" } = await phase.reach(stage, name);
      assert.ok(victims.length > 0);
      await accepted(stage.client(), "events", { id: name });
      await again();
      const outcome = await call;
      if (outcome !== undefined && name !== "answered")
        assert.equal(typeof outcome.refused, "string", JSON.stringify(outcome));
      assert.deepEqual(
        stage.pids().filter((pid) => victims.includes(pid)),
        [],
      );
      await lettingGo(stage.instance, answersNext(stage, phase, made));
    });
  }

  await context.test("every accepted event is handled", async () => {
    const handled = until("all events", async () => {
      const lines = [...(await linesOf(stage, "events")), ...(await linesOf(stage, "event"))];
      const seen = (id: string): number => lines.filter((line) => line.includes(`seen ${id}`)).length;
      return seen("held") > 1 && phases.every(({ name }) => seen(name) > 0) ? [true] : [];
    });
    await lettingGo(stage.instance, handled);
  });
  await stage.kiln.stop();
  assert.deepEqual([...tracesOf(stage.instance), ...leftovers(stage.kiln.state)], []);
});
