/** What every implementation of WorkQueue does. `workQueueConformance` registers tests. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ReceivedMessage, WorkQueue } from "../contract.ts";
import { withSubject, type OpenSubject, type Subject } from "./subject.ts";
import { workQueueModel } from "./work-queue-model.ts";

export const text = (body: Uint8Array): string => Buffer.from(body).toString();
export const bytes = (body: string): Uint8Array => Buffer.from(body);

export function workQueueConformance(name: string, open: OpenSubject): void {
  const queueTest = (title: string, body: (queue: WorkQueue, subject: Subject) => Promise<void>): void => {
    void it(title, () => withSubject(open, (subject) => body(subject.store.queue, subject)));
  };

  void describe(`work queue of ${name}`, () => {
    queueTest("hands out a message once, with its body, and forgets it when acknowledged", async (queue) => {
      const { id } = await queue.enqueue("q", bytes("hello"));
      const message = await receiveOne(queue);
      assert.deepEqual(
        { id: message.id, body: text(message.body), receiveCount: message.receiveCount, group: message.group },
        { id, body: "hello", receiveCount: 1, group: undefined },
      );
      assert.deepEqual(await queue.receive("q", { max: 10, visibility: 1000 }), []);
      assert.deepEqual(await queue.receive("other", { max: 10, visibility: 1000 }), []);
      assert.equal(await queue.acknowledge("other", message.receipt), false);
      assert.equal(await queue.acknowledge("q", message.receipt), true);
      assert.equal(await queue.acknowledge("q", message.receipt), false);
      assert.deepEqual(await queue.counts("q"), { ready: 0, delayed: 0, inFlight: 0 });
    });

    queueTest("gives a batch in order, and no message to two receivers", async (queue) => {
      await Promise.all(Array.from({ length: 50 }, (_, index) => queue.enqueue("q", bytes(String(index)))));
      const first = await queue.receive("q", { max: 20, visibility: 1000 });
      assert.deepEqual(
        first.map((message) => text(message.body)),
        Array.from({ length: 20 }, (_, index) => String(index)),
      );
      const batches = await Promise.all(
        Array.from({ length: 10 }, () => queue.receive("q", { max: 7, visibility: 1000 })),
      );
      const bodies = [...first, ...batches.flat()].map((message) => text(message.body));
      assert.equal(new Set(bodies).size, 50);
      assert.equal(bodies.length, 50);
    });

    queueTest("holds a delayed message back", async (queue, { pass }) => {
      await queue.enqueue("q", bytes("later"), { delay: 300 });
      assert.deepEqual(await queue.receive("q", { max: 1, visibility: 1000 }), []);
      assert.deepEqual(await queue.counts("q"), { ready: 0, delayed: 1, inFlight: 0 });
      await pass(310);
      assert.deepEqual(await queue.counts("q"), { ready: 1, delayed: 0, inFlight: 0 });
      assert.equal(text((await receiveOne(queue)).body), "later");
    });

    queueTest(
      "shows a message again when its visibility time is over; the old receipt is stale then",
      async (queue, { pass }) => {
        await queue.enqueue("q", bytes("m"));
        const first = await receiveOne(queue, 300);
        assert.deepEqual(await queue.counts("q"), { ready: 0, delayed: 0, inFlight: 1 });
        await pass(310);
        const second = await receiveOne(queue);
        assert.equal(second.receiveCount, 2);
        assert.notEqual(second.receipt, first.receipt);
        assert.equal(await queue.acknowledge("q", first.receipt), false);
        assert.equal(await queue.giveBack("q", first.receipt), false);
        assert.equal(await queue.deadLetter("q", first.receipt, "dead"), false);
        assert.equal(await queue.acknowledge("q", second.receipt), true);
      },
    );

    queueTest("takes a message back at once or after a delay", async (queue, { pass }) => {
      await queue.enqueue("q", bytes("m"));
      const first = await receiveOne(queue);
      assert.equal(await queue.giveBack("q", first.receipt), true);
      assert.equal(await queue.acknowledge("q", first.receipt), false);
      const second = await receiveOne(queue);
      assert.equal(second.receiveCount, 2);
      assert.equal(await queue.giveBack("q", second.receipt, { delay: 300 }), true);
      assert.deepEqual(await queue.receive("q", { max: 1, visibility: 1000 }), []);
      assert.deepEqual(await queue.counts("q"), { ready: 0, delayed: 1, inFlight: 0 });
      await pass(310);
      assert.equal((await receiveOne(queue)).receiveCount, 3);
    });

    queueTest("gives a message back with another body", async (queue) => {
      await queue.enqueue("q", bytes("first"));
      const message = await receiveOne(queue);
      assert.equal(await queue.giveBack("q", message.receipt, { body: bytes("second") }), true);
      assert.equal(await queue.giveBack("q", message.receipt, { body: bytes("third") }), false);
      assert.equal(text((await receiveOne(queue)).body), "second");
    });

    queueTest("hides a message for longer, with the same receipt", async (queue, { pass }) => {
      await queue.enqueue("q", bytes("m"));
      const { receipt } = await receiveOne(queue, 300);
      await pass(200);
      assert.equal(await queue.extend("other", receipt, 300), false);
      assert.equal(await queue.extend("q", receipt, 300), true);
      await pass(200);
      assert.deepEqual(await queue.receive("q", { max: 1, visibility: 1000 }), []);
      assert.equal(await queue.acknowledge("q", receipt), true);
      assert.equal(await queue.extend("q", receipt, 300), false);
    });

    queueTest("tells when there is something to receive, and in which queues", async (queue, { pass }) => {
      assert.equal(await queue.nextAt("a/1"), undefined);
      assert.deepEqual(await queue.names(""), []);

      await queue.enqueue("a/1", bytes("late"), { delay: 5000 });
      const late = await queue.nextAt("a/1");
      await queue.enqueue("a/1", bytes("soon"));
      const soon = await queue.nextAt("a/1");
      assert.ok(late !== undefined && soon !== undefined && late - soon > 4000);
      for (const name of ["a", "a/2", "a/2", "b/1", "A/1"]) await queue.enqueue(name, bytes("m"));
      await pass(1);
      assert.deepEqual((await queue.names("a/")).toSorted(), ["a/1", "a/2"]);
      assert.deepEqual((await queue.names("a")).toSorted(), ["a", "a/1", "a/2"]);
      assert.equal((await queue.names("")).length, 5);
      await queue.purge("a/1");
      assert.deepEqual(await queue.names("a/"), ["a/2"]);
    });

    queueTest("moves a message to a dead-letter queue", async (queue) => {
      await queue.enqueue("q", bytes("poison"), { group: "g" });
      await queue.enqueue("q", bytes("next"), { group: "g" });
      const message = await receiveOne(queue);
      assert.equal(await queue.deadLetter("q", message.receipt, "dead"), true);
      assert.equal(await queue.deadLetter("q", message.receipt, "dead"), false);
      assert.equal(text((await receiveOne(queue)).body), "next");
      const [dead] = await queue.receive("dead", { max: 10, visibility: 1000 });
      assert.deepEqual(
        { body: text(dead?.body ?? bytes("")), receiveCount: dead?.receiveCount, enqueuedAt: dead?.enqueuedAt },
        { body: "poison", receiveCount: 1, enqueuedAt: message.enqueuedAt },
      );
    });

    queueTest("moves a message with another body, and remembers its first receipt", async (queue, { pass }) => {
      await queue.enqueue("q", bytes("m"));
      const first = await receiveOne(queue, 100);
      await pass(200);
      const second = await receiveOne(queue);
      assert.equal(second.firstReceivedAt, first.firstReceivedAt);
      assert.equal(await queue.deadLetter("q", second.receipt, "dead", { body: bytes("other") }), true);
      await pass(100);
      const [dead] = await queue.receive("dead", { max: 10, visibility: 1000 });
      assert.equal(text(dead?.body ?? bytes("")), "other");
      assert.ok((dead?.firstReceivedAt ?? 0) > first.firstReceivedAt);
    });

    queueTest(
      "forgets what is too old, in flight or not, and lets the next of a group forward",
      async (queue, { pass }) => {
        for (const body of ["a", "b"]) await queue.enqueue("q", bytes(body), { group: "g" });
        await queue.enqueue("q", bytes("c"));
        const [held] = await queue.receive("q", { max: 10, visibility: 60_000 });
        await pass(1000);
        await queue.enqueue("q", bytes("d"), { group: "g" });
        const { enqueuedAt } = held ?? { enqueuedAt: 0 };
        assert.equal(await queue.expire("q", enqueuedAt), 0);
        assert.equal(await queue.expire("q", enqueuedAt + 500), 3);
        assert.equal(await queue.acknowledge("q", held?.receipt ?? ""), false);
        assert.equal(text((await receiveOne(queue)).body), "d");
      },
    );

    queueTest(
      "gives a group in order, beside other groups, and no more of it before what was given is gone",
      async (queue) => {
        for (const [group, body] of [
          ["a", "a1"],
          ["a", "a2"],
          ["b", "b1"],
          ["a", "a3"],
          [undefined, "free"],
        ] as const) {
          await queue.enqueue("q", bytes(body), group === undefined ? {} : { group });
        }
        const receive = (max: number) => queue.receive("q", { max, visibility: 1000 });
        const first = await receive(2);
        assert.deepEqual(
          first.map((message) => text(message.body)),
          ["a1", "a2"],
        );
        assert.deepEqual(
          first.map(({ group }) => group),
          ["a", "a"],
        );
        assert.deepEqual((await receive(10)).map((message) => text(message.body)).toSorted(), ["b1", "free"]);
        assert.deepEqual(await receive(10), []);
        const [a1, a2] = first;
        assert.equal(await queue.acknowledge("q", a1?.receipt ?? ""), true);
        assert.deepEqual(await receive(10), []);
        assert.equal(await queue.giveBack("q", a2?.receipt ?? ""), true);
        assert.deepEqual(
          (await receive(10)).map((message) => text(message.body)),
          ["a2", "a3"],
        );
      },
    );

    queueTest("lets an acknowledgement wait for the next write, or for its time", async (queue) => {
      for (const body of ["1", "2", "3"]) await queue.enqueue("q", bytes(body));
      const [one, two, three] = await queue.receive("q", { max: 3, visibility: 60_000 });
      const patient = queue.acknowledge("q", one?.receipt ?? "", { within: 3_600_000 });
      await queue.enqueue("other", bytes("hurry"));
      assert.equal(await patient, true);
      assert.equal(await queue.acknowledge("q", two?.receipt ?? "", { within: 1 }), true);
      assert.equal(await queue.acknowledge("q", two?.receipt ?? "", { within: 1 }), false);
      assert.deepEqual(await queue.counts("q"), { ready: 0, delayed: 0, inFlight: 1 });
      assert.equal(await queue.acknowledge("q", three?.receipt ?? ""), true);
    });

    queueTest("takes messages with one deduplication id for one, for five minutes", async (queue, { pass }) => {
      const first = await queue.enqueue("q", bytes("1"), { deduplicationId: "d" });
      assert.deepEqual(await queue.enqueue("q", bytes("2"), { deduplicationId: "d" }), first);
      assert.notDeepEqual(await queue.enqueue("other", bytes("3"), { deduplicationId: "d" }), first);
      const message = await receiveOne(queue);
      await queue.acknowledge("q", message.receipt);
      assert.deepEqual(await queue.enqueue("q", bytes("4"), { deduplicationId: "d" }), first);
      assert.deepEqual(await queue.counts("q"), { ready: 0, delayed: 0, inFlight: 0 });
      await pass(5 * 60_000);
      await queue.enqueue("q", bytes("5"), { deduplicationId: "d" });
      assert.equal(text((await receiveOne(queue)).body), "5");
    });

    queueTest("purges one queue", async (queue) => {
      await queue.enqueue("q", bytes("1"), { group: "g" });
      await queue.enqueue("q", bytes("2"), { delay: 1000, group: "g" });
      await queue.enqueue("other", bytes("3"));
      const message = await receiveOne(queue);
      assert.equal(await queue.purge("q"), 2);
      assert.equal(await queue.purge("q"), 0);
      assert.equal(await queue.acknowledge("q", message.receipt), false);
      assert.deepEqual(await queue.counts("other"), { ready: 1, delayed: 0, inFlight: 0 });
      await queue.enqueue("q", bytes("4"), { group: "g" });
      assert.equal(text((await receiveOne(queue)).body), "4");
    });

    queueTest("takes receipts that are none for stale", async (queue) => {
      for (const receipt of ["", ".", "1", "1.", "1.x", "x.1", "1e3.x", "-1.x", "9".repeat(40), "\0"]) {
        assert.equal(await queue.acknowledge("q", receipt), false);
      }
    });

    workQueueModel(open);
  });
}

async function receiveOne(queue: WorkQueue, visibility = 60_000): Promise<ReceivedMessage> {
  const [message, ...others] = await queue.receive("q", { max: 1, visibility });
  assert.ok(message !== undefined && others.length === 0);
  return message;
}
