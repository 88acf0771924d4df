/** Queue writes, on the writer's side. */
import { randomBytes } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ReceivedMessage } from "../contract.ts";
import type { Outcome, QueueWrite } from "./operation.ts";

/** AWS's deduplication interval. */
const DEDUPLICATION_MS = 5 * 60_000;

interface MessageRow {
  id: number;
  visible_at: number;
  body: Uint8Array;
  enqueued_at: number;
  receive_count: number;
  message_group: string | null;
  first_received_at: number | null;
}

export function queueWriter(database: DatabaseSync): (write: QueueWrite) => Outcome {
  const forgetDuplicates = database.prepare("DELETE FROM deduplication WHERE expires_at <= ?");
  const duplicate = database.prepare("SELECT message FROM deduplication WHERE queue = ? AND deduplication_id = ?");
  const remember = database.prepare("INSERT INTO deduplication VALUES (?, ?, ?, ?)");
  const insert = database.prepare(
    `INSERT INTO messages (queue, body, enqueued_at, visible_at, message_group, blocked)
     SELECT ?1, ?2, ?3, ?4, ?5, EXISTS (SELECT 1 FROM messages WHERE queue = ?1 AND message_group = ?5)`,
  );
  const receivable = database.prepare(
    `SELECT id, body, visible_at, enqueued_at, receive_count, message_group, first_received_at FROM messages
     WHERE queue = ? AND blocked = 0 AND visible_at <= ? ORDER BY visible_at, id LIMIT ?`,
  );
  const following = database.prepare(
    `SELECT id, body, visible_at, enqueued_at, receive_count, message_group, first_received_at FROM messages
     WHERE queue = ? AND message_group = ? AND id > ? ORDER BY id LIMIT ?`,
  );
  const hide = database.prepare(
    "UPDATE messages SET visible_at = ?, receipt = ?, receive_count = ?, first_received_at = ? WHERE id = ?",
  );
  const extend = database.prepare("UPDATE messages SET visible_at = ? WHERE id = ? AND queue = ? AND receipt = ?");
  const show = database.prepare(
    `UPDATE messages SET visible_at = ?1, receipt = NULL, body = COALESCE(?5, body)
     WHERE id = ?2 AND queue = ?3 AND receipt = ?4`,
  );
  const take = database.prepare(
    "DELETE FROM messages WHERE id = ? AND queue = ? AND receipt = ? RETURNING body, enqueued_at, message_group",
  );
  const forget = database.prepare(
    "DELETE FROM messages WHERE id = ? AND queue = ? AND receipt = ? RETURNING message_group",
  );
  const unblock = database.prepare(
    `UPDATE messages SET blocked = 0
     WHERE id = (SELECT id FROM messages WHERE queue = ? AND message_group = ? ORDER BY id LIMIT 1)`,
  );
  const expire = database.prepare("DELETE FROM messages WHERE queue = ? AND enqueued_at < ? RETURNING message_group");
  const purge = database.prepare("DELETE FROM messages WHERE queue = ?");

  function append(
    queue: string,
    body: Uint8Array,
    enqueuedAt: number,
    visibleAt: number,
    group: string | null,
  ): number {
    return Number(insert.run(queue, body, enqueuedAt, visibleAt, group).lastInsertRowid);
  }

  /** Removes the message that the receipt proves with `statement`, and lets the next of its group forward. */
  function remove<M extends keyof MessageRow>(
    statement: StatementSync,
    queue: string,
    receipt: string,
  ): Pick<MessageRow, M | "message_group"> | undefined {
    const row = statement.get(idOf(receipt), queue, receipt) as unknown as MessageRow | undefined;
    if (row !== undefined && row.message_group !== null) unblock.run(queue, row.message_group);
    return row;
  }

  /** Heads of groups, each with what comes after it in its group; messages without a group are each for themselves. */
  function receive(queue: string, now: number, max: number): MessageRow[] {
    const rows: MessageRow[] = [];
    for (const head of receivable.all(queue, now, max) as unknown as MessageRow[]) {
      if (rows.length === max) break;
      rows.push(head);
      if (head.message_group === null) continue;
      const line = following.all(queue, head.message_group, head.id, max - rows.length) as unknown as MessageRow[];
      // One that is hidden holds those behind it back.
      const end = line.findIndex((row) => row.visible_at > now);
      rows.push(...(end === -1 ? line : line.slice(0, end)));
    }
    return rows;
  }

  return (write) => {
    const { queue } = write;
    switch (write.op) {
      case "enqueue": {
        const { body, now, delay, group, deduplicationId } = write;
        if (deduplicationId !== undefined) {
          forgetDuplicates.run(now);
          const known = duplicate.get(queue, deduplicationId);
          if (known !== undefined) return { id: String(known["message"]) };
        }
        const id = append(queue, body, now, now + delay, group ?? null);
        if (deduplicationId !== undefined) remember.run(queue, deduplicationId, id, now + DEDUPLICATION_MS);
        return { id: String(id) };
      }
      case "receive": {
        const messages = receive(queue, write.now, write.max).map((row): ReceivedMessage => {
          const receipt = `${row.id}.${randomBytes(12).toString("base64url")}`;
          const receiveCount = row.receive_count + 1;
          const { body, enqueued_at: enqueuedAt, message_group: group } = row;
          const firstReceivedAt = row.first_received_at ?? write.now;
          hide.run(write.now + write.visibility, receipt, receiveCount, firstReceivedAt, row.id);
          const about = { id: String(row.id), body, receipt, receiveCount, enqueuedAt, firstReceivedAt };
          return { ...about, ...(group === null ? {} : { group }) };
        });
        return { messages };
      }
      case "acknowledge":
        return { changed: [remove(forget, queue, write.receipt) !== undefined] };
      case "extend":
        return {
          changed: [extend.run(write.now + write.visibility, idOf(write.receipt), queue, write.receipt).changes === 1],
        };
      case "giveBack": {
        const { receipt, body = null } = write;
        return { changed: [show.run(write.now + write.delay, idOf(receipt), queue, receipt, body).changes === 1] };
      }
      case "deadLetter": {
        const row = remove<"body" | "enqueued_at">(take, queue, write.receipt);
        const body = write.body ?? row?.body;
        if (row !== undefined && body !== undefined) {
          append(write.target, body, row.enqueued_at, write.now, row.message_group);
        }
        return { changed: [row !== undefined] };
      }
      case "expire": {
        const rows = expire.all(queue, write.before);
        for (const group of new Set(rows.map((row) => row["message_group"]))) {
          if (group !== null && group !== undefined) unblock.run(queue, group);
        }
        return { count: rows.length };
      }
      case "purge":
        return { count: Number(purge.run(queue).changes) };
    }
  };
}

/** A receipt is `<message>.<random>`: the number finds the row, the whole proves the receipt. */
function idOf(receipt: string): number {
  const id = Number(receipt.slice(0, receipt.indexOf(".")));
  return Number.isSafeInteger(id) ? id : -1;
}
