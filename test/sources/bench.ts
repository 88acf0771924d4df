/** A mapping of any source with a function that the test answers for. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestContext } from "node:test";
import type { Deliver, Delivery, InvokeAnswer, Invoker, InvokeRequest } from "../../src/invoke/contract.ts";
import type { MappingFeed, SourceMapping, SourceSettings, StartPoller } from "../../src/sources/contract.ts";
import { createSources } from "../../src/sources/manager.ts";
import { createResults, type Results } from "../../src/sources/results.ts";
import { CHECKPOINT, removeCheckpoints, type Checkpoint } from "../../src/sources/streams/checkpoints.ts";
import type { StreamService } from "../../src/sources/streams/contract.ts";
import { streamSource } from "../../src/sources/streams/poller.ts";
import type { Store } from "../../src/store/contract.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";

export const scope = { account: "000000000000", region: "us-east-1" };
export const roleArn = "arn:aws:iam::000000000000:role/test";

export interface StreamEvent {
  Records: { [member: string]: unknown }[];
  [member: string]: unknown;
}

type Next<E> = Partial<InvokeAnswer> | Error | ((event: E) => Partial<InvokeAnswer> | Promise<Partial<InvokeAnswer>>);

/** What pollers are made of. */
export interface Parts {
  store: Store;
  invoker: Pick<Invoker, "invoke">;
  results: Results;
  deliver: Deliver;
  report: (error: unknown) => void;
  /** Done after the pollers have stopped. */
  defer: (close: () => Promise<void> | void) => void;
}

export interface SourceBench<E = StreamEvent> {
  /** All that the function was called with. */
  events: E[];
  /** The same as it came to the function. */
  requests: InvokeRequest[];
  /** Makes, changes or (without settings) removes the mapping. */
  map: (settings: SourceSettings | undefined, enabled?: boolean) => void;
  answer: (next: Next<E>) => void;
  delivered: Delivery[];
  /** Of the mapping. */
  result: () => Promise<string | undefined>;
  reports: unknown[];
}

export interface BenchOptions {
  kind: string;
  /** Of every mapping, unless it says something else. */
  settings: SourceSettings;
  poller: (parts: Parts) => StartPoller | Promise<StartPoller>;
  forget?: (parts: Parts, mapping: Pick<SourceMapping, "scope" | "uuid">) => Promise<void>;
}

export async function sourceBench<E>(t: TestContext, options: BenchOptions): Promise<SourceBench<E>> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-sources-"));
  const store = await openSqliteStore({ dir });
  const reports: unknown[] = [];
  const report = (error: unknown): void => void reports.push(error);
  const results = createResults(store.documents, report);
  const events: E[] = [];
  const requests: InvokeRequest[] = [];
  const delivered: Delivery[] = [];
  let next: Next<E> = {};
  let listener: Parameters<MappingFeed["watch"]>[0] | undefined;
  const invoke = async (request: InvokeRequest): Promise<InvokeAnswer> => {
    if (next instanceof Error) throw next;
    const event = JSON.parse(Buffer.from(request.payload).toString()) as E;
    events.push(event);
    requests.push(request);
    const fine = { status: "success", durationMs: 1, billedMs: 1, maxMemoryMB: 1, executedVersion: "$LATEST" } as const;
    const answer = typeof next === "function" ? await next(event) : next;
    return { ...fine, payload: Buffer.from("null"), ...answer };
  };
  const deliver = async (delivery: Delivery): Promise<void> => void delivered.push(delivery);
  const closed: (() => Promise<void> | void)[] = [];
  const defer: Parts["defer"] = (close) => void closed.push(close);
  const parts: Parts = { store, invoker: { invoke }, results, deliver, report, defer };
  const sources = createSources({
    feed: {
      async *all() {
        // Mappings come as changes.
      },
      watch(to) {
        listener = to;
        return () => undefined;
      },
    },
    pollers: { [options.kind]: await options.poller(parts) },
    report,
    async forget(mapping) {
      await options.forget?.(parts, mapping);
      await results.forget(mapping.scope, mapping.uuid);
    },
  });
  await sources.start();
  t.after(async () => {
    await sources.close(5000);
    for (const close of closed) await close();
    await results.close();
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });
  return {
    events,
    requests,
    delivered,
    reports,
    map(settings, enabled = true) {
      const mapping: SourceMapping | undefined = settings && {
        scope,
        uuid: "u",
        kind: options.kind,
        functionName: "f",
        settings: { ...options.settings, ...settings },
        enabled,
      };
      listener?.("u", mapping);
    },
    answer: (answer) => void (next = answer),
    result: () => results.of(scope, "u"),
  };
}

export interface StreamBench extends SourceBench {
  checkpoints: () => Promise<Record<string, Checkpoint>>;
}

export async function streamBench(
  t: TestContext,
  service: StreamService,
  arn: string,
  retryMs = 5,
): Promise<StreamBench> {
  let documents: Store["documents"] | undefined;
  const bench = await sourceBench<StreamEvent>(t, {
    kind: service.kind,
    settings: { EventSourceArn: arn, StartingPosition: "TRIM_HORIZON", BatchSize: 100 },
    poller({ store, invoker, deliver, results, report }) {
      documents = store.documents;
      return streamSource({
        service,
        documents,
        invoker,
        deliver,
        results,
        roleOf: async () => roleArn,
        report,
        retryMs,
      });
    },
    forget: ({ store }, mapping) => removeCheckpoints(store.documents, mapping),
  });
  return {
    ...bench,
    async checkpoints() {
      const { items = [] } = (await documents?.list<Checkpoint>(CHECKPOINT, "", { limit: 1000 })) ?? {};
      return Object.fromEntries(items.map(({ key, value }) => [key.slice(key.lastIndexOf("/") + 1), value]));
    },
  };
}

export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let each = 0; each < 2000; each += 1) {
    if (await what()) return;
    await sleep(10);
  }
  assert.fail(`It did not come to pass: ${what.toString()}`);
}
