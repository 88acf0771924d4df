/** A mapping of a stream with a function that the test answers for. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestContext } from "node:test";
import type { Delivery, InvokeAnswer, InvokeRequest } from "../../src/invoke/contract.ts";
import type { MappingFeed, SourceMapping, SourceSettings } from "../../src/sources/contract.ts";
import { createSources } from "../../src/sources/manager.ts";
import { createResults } from "../../src/sources/results.ts";
import { CHECKPOINT, removeCheckpoints, type Checkpoint } from "../../src/sources/streams/checkpoints.ts";
import type { StreamService } from "../../src/sources/streams/contract.ts";
import { streamSource } from "../../src/sources/streams/poller.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";

export const scope = { account: "000000000000", region: "us-east-1" };
export const roleArn = "arn:aws:iam::000000000000:role/test";

export interface StreamEvent {
  Records: { [member: string]: unknown }[];
  [member: string]: unknown;
}

type Next =
  | Partial<InvokeAnswer>
  | Error
  | ((event: StreamEvent) => Partial<InvokeAnswer> | Promise<Partial<InvokeAnswer>>);

export interface StreamBench {
  /** All that the function was called with. */
  events: StreamEvent[];
  /** Makes, changes or (without settings) removes the mapping. */
  map: (settings: SourceSettings | undefined, enabled?: boolean) => void;
  answer: (next: Next) => void;
  delivered: Delivery[];
  /** Of the mapping. */
  result: () => Promise<string | undefined>;
  checkpoints: () => Promise<Record<string, Checkpoint>>;
  reports: unknown[];
}

export async function streamBench(
  t: TestContext,
  service: StreamService,
  arn: string,
  retryMs = 5,
): Promise<StreamBench> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-streams-"));
  const store = await openSqliteStore({ dir });
  const reports: unknown[] = [];
  const report = (error: unknown): void => void reports.push(error);
  const results = createResults(store.documents, report);
  const events: StreamEvent[] = [];
  const delivered: Delivery[] = [];
  let next: Next = {};
  let listener: Parameters<MappingFeed["watch"]>[0] | undefined;
  const invoke = async ({ payload }: InvokeRequest): Promise<InvokeAnswer> => {
    if (next instanceof Error) throw next;
    const event = JSON.parse(Buffer.from(payload).toString()) as StreamEvent;
    events.push(event);
    const fine = { status: "success", durationMs: 1, billedMs: 1, maxMemoryMB: 1, executedVersion: "$LATEST" } as const;
    const answer = typeof next === "function" ? await next(event) : next;
    return { ...fine, payload: Buffer.from("null"), ...answer };
  };
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
    pollers: {
      [service.kind]: streamSource({
        service,
        documents: store.documents,
        invoker: { invoke },
        deliver: async (delivery) => void delivered.push(delivery),
        results,
        roleOf: async () => roleArn,
        report,
        retryMs,
      }),
    },
    report,
    async forget(mapping) {
      await removeCheckpoints(store.documents, mapping);
      await results.forget(mapping.scope, mapping.uuid);
    },
  });
  await sources.start();
  t.after(async () => {
    await sources.close(5000);
    await results.close();
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });
  return {
    events,
    delivered,
    reports,
    map(settings, enabled = true) {
      const mapping: SourceMapping | undefined = settings && {
        scope,
        uuid: "u",
        kind: service.kind,
        functionName: "f",
        settings: { EventSourceArn: arn, StartingPosition: "TRIM_HORIZON", BatchSize: 100, ...settings },
        enabled,
      };
      listener?.("u", mapping);
    },
    answer: (answer) => void (next = answer),
    result: () => results.of(scope, "u"),
    async checkpoints() {
      const { items } = await store.documents.list<Checkpoint>(CHECKPOINT, "", { limit: 1000 });
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
