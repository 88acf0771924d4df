/** Random use of a queue, checked against a plain list of messages. */
import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import type { ReceivedMessage } from "../contract.ts";
import { withSubject, type OpenSubject, type Subject } from "./subject.ts";

/** Times are in units of UNIT_MS. */
type Step =
  | { op: "enqueue"; queue: number; group: number; delay: number }
  | { op: "receive"; queue: number; max: number; visibility: number }
  /** `which`: an index into everything that was ever received. */
  | { op: "acknowledge" | "giveBack" | "deadLetter" | "extend"; which: number; delay: number }
  | { op: "pass"; time: number };

interface ModelMessage {
  body: number;
  queue: number;
  group: number;
  visibleAt: number;
  receiveCount: number;
  receipt?: string;
}

const UNIT_MS = 100;
const small = fc.nat({ max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("enqueue" as const),
      queue: fc.nat({ max: 1 }),
      group: small,
      delay: fc.constantFrom(0, 0, 2),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("receive" as const),
      queue: fc.nat({ max: 1 }),
      max: fc.integer({ min: 1, max: 3 }),
      visibility: fc.constantFrom(1, 5),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constantFrom("acknowledge" as const, "giveBack" as const, "deadLetter" as const, "extend" as const),
      which: fc.nat({ max: 30 }),
      delay: small,
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("pass" as const), time: fc.integer({ min: 1, max: 3 }) }) },
);

export function workQueueModel(open: OpenSubject): void {
  void it("does what a list of messages would do", () =>
    withSubject(open, async (subject) => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) => compare(subject, `run${run++}-`, steps)),
        { numRuns: 150 },
      );
    }));
}

async function compare({ store: { queue }, pass }: Subject, prefix: string, steps: Step[]): Promise<void> {
  let now = 0;
  let bodies = 0;
  let messages: ModelMessage[] = [];
  const received: { queue: number; message: ReceivedMessage }[] = [];
  const name = (index: number) => `${prefix}${index}`;
  /** Whether nothing before it in its group is hidden. */
  const isNext = (one: ModelMessage) =>
    one.group === 0 ||
    messages
      .slice(0, messages.indexOf(one))
      .every((other) => other.queue !== one.queue || other.group !== one.group || other.visibleAt <= now);

  for (const each of steps) {
    switch (each.op) {
      case "pass":
        now += each.time;
        await pass(each.time * UNIT_MS);
        break;
      case "enqueue": {
        const body = bodies++;
        messages.push({ body, queue: each.queue, group: each.group, visibleAt: now + each.delay, receiveCount: 0 });
        await queue.enqueue(name(each.queue), Buffer.from(String(body)), {
          delay: each.delay * UNIT_MS,
          ...(each.group === 0 ? {} : { group: String(each.group) }),
        });
        break;
      }
      case "receive": {
        const ready = messages.filter((one) => one.queue === each.queue && one.visibleAt <= now && isNext(one));
        const batch = await queue.receive(name(each.queue), { max: each.max, visibility: each.visibility * UNIT_MS });
        assert.equal(batch.length, Math.min(each.max, ready.length));
        const batched = new Set<ModelMessage>();
        for (const message of batch) {
          const one = ready.find((candidate) => String(candidate.body) === Buffer.from(message.body).toString());
          assert.ok(one !== undefined, "received a message that is not receivable");
          const first = ready.find((other) => other.group === one.group && !batched.has(other));
          if (one.group !== 0) assert.equal(one, first, "a group is out of order");
          batched.add(one);
          one.visibleAt = now + each.visibility;
          one.receiveCount += 1;
          one.receipt = message.receipt;
          assert.equal(message.receiveCount, one.receiveCount);
          received.push({ queue: each.queue, message });
        }
        break;
      }
      case "acknowledge":
      case "giveBack":
      case "deadLetter":
      case "extend": {
        const used = received[each.which];
        if (used === undefined) break;
        const { receipt } = used.message;
        const one = messages.find((candidate) => candidate.queue === used.queue && candidate.receipt === receipt);
        const target = 1 - used.queue;
        const done =
          each.op === "acknowledge"
            ? await queue.acknowledge(name(used.queue), receipt)
            : each.op === "giveBack"
              ? await queue.giveBack(name(used.queue), receipt, { delay: each.delay * UNIT_MS })
              : each.op === "extend"
                ? await queue.extend(name(used.queue), receipt, each.delay * UNIT_MS)
                : await queue.deadLetter(name(used.queue), receipt, name(target));
        assert.equal(done, one !== undefined);
        if (one === undefined) break;
        if (each.op === "extend") {
          one.visibleAt = now + each.delay;
          break;
        }
        delete one.receipt;
        if (each.op === "giveBack") {
          one.visibleAt = now + each.delay;
          break;
        }
        messages = messages.filter((other) => other !== one);
        if (each.op === "deadLetter") messages.push({ ...one, queue: target, visibleAt: now, receiveCount: 0 });
      }
    }
  }
  for (const index of [0, 1]) {
    const mine = messages.filter((one) => one.queue === index);
    const hidden = mine.filter((one) => one.visibleAt > now);
    const inFlight = hidden.filter((one) => one.receipt !== undefined).length;
    assert.deepEqual(await queue.counts(name(index)), {
      ready: mine.length - hidden.length,
      delayed: hidden.length - inFlight,
      inFlight,
    });
  }
}
