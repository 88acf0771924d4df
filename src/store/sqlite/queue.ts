/** The work queue: every operation is a write, because receiving hides a message from others. */
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../base/clock.ts";
import type { WorkQueue } from "../contract.ts";
import { checkDuration, checkName, checkText } from "../limits.ts";
import { explainSqliteError } from "./database.ts";
import { expectMember, type Writer } from "./group-commit.ts";
import type { QueueWrite } from "./operation.ts";

/** SQS gives 10 at most; pollers of event sources up to 10,000. */
const MAX_RECEIVE = 10_000;

export function sqliteQueue(reader: DatabaseSync, writer: Writer, clock: Clock): WorkQueue {
  const count = reader.prepare(
    `SELECT COUNT(*) FILTER (WHERE visible_at <= ?1) AS ready,
            COUNT(*) FILTER (WHERE visible_at > ?1 AND receipt IS NULL) AS "delayed",
            COUNT(*) FILTER (WHERE visible_at > ?1 AND receipt IS NOT NULL) AS in_flight
     FROM messages WHERE queue = ?2`,
  );

  // Both walk the index `of_queue`, whatever the queues hold. A message behind the head of its group cannot be received
  // before the head has gone, and the head stands in the index too.
  const earliest = reader.prepare("SELECT visible_at FROM messages WHERE queue = ? ORDER BY visible_at LIMIT 1");
  const following = reader.prepare("SELECT queue FROM messages WHERE queue > ? ORDER BY queue LIMIT 1");

  async function settle(write: QueueWrite, within?: number): Promise<boolean> {
    return expectMember(await writer.submit(write, { within }), "changed")[0] === true;
  }

  return {
    async enqueue(queue, body, { delay = 0, group, deduplicationId } = {}) {
      checkName("queue", queue);
      checkDuration("delay", delay);
      if (group !== undefined) checkName("group", group);
      if (deduplicationId !== undefined) checkName("deduplication id", deduplicationId);
      const outcome = await writer.submit({
        op: "enqueue",
        queue,
        // A copy: the caller may use its buffer again before the group is sent.
        body: Uint8Array.from(body),
        now: clock(),
        delay: Math.ceil(delay),
        ...(group === undefined ? {} : { group }),
        ...(deduplicationId === undefined ? {} : { deduplicationId }),
      });
      return { id: expectMember(outcome, "id") };
    },
    async receive(queue, { max, visibility }) {
      if (!Number.isInteger(max) || max < 1 || max > MAX_RECEIVE)
        throw new RangeError(`max is 1 to ${MAX_RECEIVE}, not ${max}.`);
      checkDuration("visibility", visibility);
      const write: QueueWrite = { op: "receive", queue, max, now: clock(), visibility: Math.ceil(visibility) };
      return expectMember(await writer.submit(write), "messages");
    },
    async acknowledge(queue, receipt, { within = 0 } = {}) {
      checkDuration("within", within);
      return settle({ op: "acknowledge", queue, receipt }, within);
    },
    async extend(queue, receipt, visibility) {
      checkDuration("visibility", visibility);
      return settle({ op: "extend", queue, receipt, now: clock(), visibility: Math.ceil(visibility) });
    },
    async giveBack(queue, receipt, { delay = 0, body } = {}) {
      checkDuration("delay", delay);
      return settle({
        op: "giveBack",
        queue,
        receipt,
        now: clock(),
        delay: Math.ceil(delay),
        ...(body === undefined ? {} : { body: Uint8Array.from(body) }),
      });
    },
    async deadLetter(queue, receipt, target, { body } = {}) {
      checkName("queue", target);
      const copy = body === undefined ? {} : { body: Uint8Array.from(body) };
      return settle({ op: "deadLetter", queue, receipt, target, now: clock(), ...copy });
    },
    async counts(queue) {
      try {
        const row = count.get(clock(), queue);
        return {
          ready: Number(row?.["ready"]),
          delayed: Number(row?.["delayed"]),
          inFlight: Number(row?.["in_flight"]),
        };
      } catch (error) {
        throw explainSqliteError(error);
      }
    },
    async nextAt(queue) {
      try {
        const row = earliest.get(queue);
        return row === undefined ? undefined : Number(row["visible_at"]);
      } catch (error) {
        throw explainSqliteError(error);
      }
    },
    async names(prefix) {
      checkText("prefix", prefix);
      const names: string[] = [];
      try {
        // `following` finds what is greater: the prefix itself may be a name.
        if (prefix !== "" && earliest.get(prefix) !== undefined) names.push(prefix);
        for (let last = prefix; ;) {
          const row = following.get(last);
          if (row === undefined) return names;
          last = String(row["queue"]);
          if (!last.startsWith(prefix)) return names;
          names.push(last);
        }
      } catch (error) {
        throw explainSqliteError(error);
      }
    },
    async expire(queue, before) {
      return expectMember(await writer.submit({ op: "expire", queue, before }), "count");
    },
    async purge(queue) {
      return expectMember(await writer.submit({ op: "purge", queue }), "count");
    },
  };
}
