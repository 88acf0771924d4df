/** Queues, put together. */
import { systemClock, type Clock } from "../base/clock.ts";
import { ServiceError } from "../base/errors.ts";
import { asWritten, type PrincipalNames } from "../base/principals.ts";
import type { Scope } from "../base/scope.ts";
import type { Documents, WorkQueue } from "../store/contract.ts";
import { numberAttribute, wholeAttributes } from "./attributes.ts";
import type { QueueDocument, Queues } from "./contract.ts";
import { findIfThere, type QueueDomain } from "./domain.ts";
import { queueDoesNotExist } from "./errors.ts";
import { create, deadLetterSources, list, remove, setAttributes, tag, untag } from "./manage.ts";
import { createArrivals } from "./messages/arrivals.ts";
import { receive } from "./messages/receive.ts";
import { send } from "./messages/send.ts";
import { changeVisibility, deleteMessage } from "./messages/settle.ts";
import { parseQueueArn, QUEUE, queueArn, scopeKey, storeName } from "./names.ts";
import { createMoveTasks } from "./tasks/tasks.ts";

export interface QueuesOptions {
  documents: Documents;
  queue: WorkQueue;
  clock?: Clock;
  /** Whether a text is a policy that can be evaluated. */
  isPolicy?: (text: string) => boolean;
  /** Users and roles in policies. Absent: they are kept as they are written. */
  principals?: PrincipalNames;
  /** Failures that no caller waits for. */
  report: (error: unknown) => void;
}

/** ms between the clean-ups of messages that nobody has received within their retention. */
const SWEEP_MS = 10 * 60_000;
/** AWS takes one purge of a queue a minute. */
const PURGE_MS = 60_000;
const MAX_CACHED = 10_000;

export function createQueues(options: QueuesOptions): Queues {
  const { documents, queue, clock = systemClock, isPolicy = () => true, principals = asWritten, report } = options;
  const arrivals = createArrivals();
  const cache = new Map<string, QueueDocument>();
  const purged = new Map<string, number>();
  // Counts changes, so that what was read before a change is not kept after it.
  let changes = 0;
  const unwatch = documents.watch<QueueDocument>(QUEUE, "", ({ key, stored }) => {
    changes += 1;
    cache.delete(key);
    if (stored === undefined) purged.delete(key);
  });

  async function find(scope: Scope, name: string): Promise<QueueDocument> {
    const key = scopeKey(scope, name);
    const kept = cache.get(key);
    if (kept !== undefined) return kept;
    const before = changes;
    const stored = await documents.get<QueueDocument>(QUEUE, key);
    if (stored === undefined) throw queueDoesNotExist();
    if (changes !== before) return stored.value;
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(key, stored.value);
    return stored.value;
  }

  const domain: QueueDomain = { documents, queue, clock, arrivals, isPolicy, principals, find };
  const tasks = createMoveTasks(domain, report);

  async function sweep(): Promise<void> {
    for (let after: string | undefined; ;) {
      const page = await documents.list<QueueDocument>(QUEUE, "", {
        limit: 1000,
        ...(after === undefined ? {} : { after }),
      });
      for (const { key, value } of page.items) {
        const [account = "", region = ""] = key.split("/");
        const before = clock() - numberAttribute(value, "MessageRetentionPeriod") * 1000;
        await queue.expire(storeName({ account, region }, value), before);
      }
      if (page.next === undefined) return;
      after = page.next;
    }
  }
  const sweeper = setInterval(() => void sweep().catch(report), SWEEP_MS).unref();

  return {
    create: (...of) => create(domain, ...of),
    get: find,
    async policyOf(arn) {
      const named = parseQueueArn(arn);
      return named && (await findIfThere(domain, named.scope, named.name))?.attributes["Policy"];
    },
    list: (...of) => list(domain, ...of),
    remove: (...of) => remove(domain, ...of),
    setAttributes: (...of) => setAttributes(domain, ...of),
    tag: (...of) => tag(domain, ...of),
    untag: (...of) => untag(domain, ...of),
    deadLetterSources: (...of) => deadLetterSources(domain, ...of),
    send: (...of) => send(domain, ...of),
    receive: (...of) => receive(domain, ...of),
    delete: (...of) => deleteMessage(domain, ...of),
    changeVisibility: (...of) => changeVisibility(domain, ...of),
    async attributes(scope, name) {
      const document = await find(scope, name);
      const { Policy } = document.attributes;
      const { ready, delayed, inFlight } = await queue.counts(storeName(scope, document));
      return {
        ...wholeAttributes(document),
        ...(Policy === undefined ? {} : { Policy: await principals.shown(Policy) }),
        QueueArn: queueArn(scope, name),
        ApproximateNumberOfMessages: String(ready),
        ApproximateNumberOfMessagesNotVisible: String(inFlight),
        ApproximateNumberOfMessagesDelayed: String(delayed),
        CreatedTimestamp: String(Math.floor(document.createdAt / 1000)),
        LastModifiedTimestamp: String(Math.floor(document.modifiedAt / 1000)),
      };
    },
    async purge(scope, name) {
      const document = await find(scope, name);
      const key = scopeKey(scope, name);
      if (clock() - (purged.get(key) ?? Number.NEGATIVE_INFINITY) < PURGE_MS) {
        throw new ServiceError(
          "PurgeQueueInProgress",
          `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`,
        );
      }
      purged.set(key, clock());
      await queue.purge(storeName(scope, document));
    },
    startMoveTask: (...of) => tasks.startMoveTask(...of),
    cancelMoveTask: (...of) => tasks.cancelMoveTask(...of),
    moveTasks: (...of) => tasks.moveTasks(...of),
    async start() {
      await tasks.start();
    },
    async close() {
      clearInterval(sweeper);
      unwatch();
      arrivals.close();
      await tasks.close();
    },
  };
}
