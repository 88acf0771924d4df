/**
 * Message move tasks: empty a dead-letter queue into another queue, or into those that its messages came from
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html). A task is a
 * document, so that it goes on after a crash; a message is enqueued before it is forgotten.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import { newId } from "../../base/ids.ts";
import type { MoveTask, Queues } from "../contract.ts";
import { findIfThere, type QueueDomain } from "../domain.ts";
import { invalidParameter, resourceNotFound } from "../errors.ts";
import { deadLetterSources } from "../manage.ts";
import { decodeMessage, encodeMessage } from "../messages/stored.ts";
import { isFifoName, MOVE_TASK, parseQueueArn, scopeKey, storeName } from "../names.ts";

type MoveTasks = Pick<Queues, "startMoveTask" | "cancelMoveTask" | "moveTasks" | "start" | "close">;

const BATCH = 10;
const VISIBILITY_MS = 30_000;
/** AWS shows the last ten. */
const SHOWN = 10;

export function createMoveTasks(domain: QueueDomain, report: (error: unknown) => void): MoveTasks {
  const { documents } = domain;
  const running = new Map<string, { cancelled: boolean; done: Promise<void> }>();
  let open = true;

  async function save(scope: Scope, task: MoveTask): Promise<void> {
    const key = scopeKey(scope, task.handle);
    const stored = await documents.get<MoveTask>(MOVE_TASK, key);
    if (stored === undefined) await documents.create(MOVE_TASK, key, task);
    else await documents.replace(MOVE_TASK, key, task, stored.version);
  }

  function run(scope: Scope, task: MoveTask): void {
    const state = { cancelled: false, done: Promise.resolve() };
    running.set(task.handle, state);
    state.done = move(scope, task, () => !open || state.cancelled)
      .then((status) => (status === undefined ? undefined : save(scope, { ...task, ...status })))
      .catch(report)
      .finally(() => running.delete(task.handle));
  }

  /** Until the queue is empty. Undefined when Kiln stops: the next start goes on. */
  async function move(scope: Scope, task: MoveTask, stopped: () => boolean): Promise<Partial<MoveTask> | undefined> {
    const source = parseQueueArn(task.sourceArn);
    try {
      if (source === undefined) throw invalidParameter("The source is no queue.");
      while (!stopped()) {
        const from = storeName(source.scope, await domain.find(source.scope, source.name));
        const max = Math.min(BATCH, task.rate ?? BATCH);
        const messages = await domain.queue.receive(from, { max, visibility: VISIBILITY_MS });
        if (messages.length === 0) return { status: "COMPLETED", moved: task.moved };
        for (const message of messages) {
          const stored = decodeMessage(message.body);
          const target = parseQueueArn(task.destinationArn ?? stored.deadLetterSource ?? "");
          if (target === undefined) throw invalidParameter("A message does not say which queue it came from.");
          const queue = await domain.find(target.scope, target.name);
          const { messageId: _, sequenceNumber: __, deadLetterSource: ___, ...fresh } = stored;
          const to = storeName(target.scope, queue);
          const group = isFifoName(queue.name) ? stored.groupId : undefined;
          await domain.queue.enqueue(to, encodeMessage(fresh), group === undefined ? {} : { group });
          domain.arrivals.announce(to);
          await domain.queue.acknowledge(from, message.receipt);
          task.moved += 1;
        }
        await save(scope, task);
        if (task.rate !== undefined) await sleep((1000 * messages.length) / task.rate, undefined, { ref: false });
      }
      return open ? { status: "CANCELLED", moved: task.moved } : undefined;
    } catch (error) {
      return { status: "FAILED", failure: messageOf(error), moved: task.moved };
    }
  }

  async function all(scope: Scope): Promise<MoveTask[]> {
    const { items } = await documents.list<MoveTask>(MOVE_TASK, scopeKey(scope, ""), { limit: 1000 });
    return items.map(({ value }) => value);
  }

  return {
    async startMoveTask(scope, { sourceArn, destinationArn, rate }) {
      const source = parseQueueArn(sourceArn);
      const found = source && (await findIfThere(domain, source.scope, source.name));
      if (source === undefined || found === undefined) {
        throw resourceNotFound("The resource that you specified for the SourceArn parameter doesn't exist.");
      }
      const { items } = await deadLetterSources(domain, source.scope, source.name, { limit: 1 });
      if (items.length === 0) throw invalidParameter("Source queue must be configured as a Dead Letter Queue.");
      if (destinationArn !== undefined) {
        const target = parseQueueArn(destinationArn);
        const there = target && (await findIfThere(domain, target.scope, target.name));
        if (there === undefined) {
          throw resourceNotFound("The resource that you specified for the DestinationArn parameter doesn't exist.");
        }
      }
      if ((await all(scope)).some((task) => task.sourceArn === sourceArn && task.status === "RUNNING")) {
        throw new ServiceError(
          "UnsupportedOperation",
          `There is already a task running. Only one active task is allowed for a source queue arn at a given time.`,
        );
      }
      const { ready, delayed, inFlight } = await domain.queue.counts(storeName(source.scope, found));
      const task: MoveTask = {
        handle: newId(),
        sourceArn,
        status: "RUNNING",
        moved: 0,
        toMove: ready + delayed + inFlight,
        startedAt: domain.clock(),
        ...(destinationArn === undefined ? {} : { destinationArn }),
        ...(rate === undefined ? {} : { rate }),
      };
      await save(scope, task);
      run(scope, task);
      return Buffer.from(JSON.stringify({ taskId: task.handle, sourceArn })).toString("base64");
    },
    async cancelMoveTask(scope, handle) {
      const stored = await documents.get<MoveTask>(MOVE_TASK, scopeKey(scope, taskIdOf(handle)));
      if (stored === undefined) throw resourceNotFound("Task does not exist.");
      const state = running.get(stored.value.handle);
      if (state === undefined) throw new ServiceError("UnsupportedOperation", "The task is not active.");
      state.cancelled = true;
      await state.done;
      return (await documents.get<MoveTask>(MOVE_TASK, stored.key))?.value.moved ?? 0;
    },
    async moveTasks(scope, sourceArn) {
      const tasks = (await all(scope)).filter((task) => task.sourceArn === sourceArn);
      return tasks.toSorted((a, b) => b.startedAt - a.startedAt).slice(0, SHOWN);
    },
    async start() {
      for (let after: string | undefined; ;) {
        const page = await documents.list<MoveTask>(MOVE_TASK, "", {
          limit: 1000,
          ...(after === undefined ? {} : { after }),
        });
        for (const { key, value } of page.items) {
          const [account = "", region = ""] = key.split("/");
          if (value.status === "RUNNING") run({ account, region }, value);
        }
        if (page.next === undefined) return;
        after = page.next;
      }
    },
    async close() {
      open = false;
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}

function taskIdOf(handle: string): string {
  try {
    const { taskId } = JSON.parse(Buffer.from(handle, "base64").toString("utf8")) as { taskId?: unknown };
    if (typeof taskId === "string" && /^[0-9a-f-]{36}$/.test(taskId)) return taskId;
  } catch {
    // Answered below.
  }
  throw invalidParameter("Value for parameter TaskHandle is invalid.");
}
