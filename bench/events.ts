/**
 * Asynchronous calls: how many a second are accepted (on disk, answered 202), beside a bare server that appends and syncs, in
 * interleaved rounds; how many a second are handled, beside synchronous calls of the same function over as many connections;
 * and how long an accepted event waits for its call while there is room.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand, PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import { benchFunction, deployEcho } from "./functions.ts";
import { load, startBaseline, startKiln, type Load, type RunningKiln } from "./processes.ts";
import { median, printTable, saveResult } from "./report.ts";

const rounds = 3;
const seconds = 3;
const connections = 64;
const environments = 4;
const payload = '{"n":1}';
const path = `/2015-03-31/functions/${benchFunction}/invocations`;
const asEvent = "X-Amz-Invocation-Type: Event\r\n";

/** Of the one function: what its metrics say now. */
async function metric(kiln: RunningKiln, name: string): Promise<number> {
  return (await series(kiln, name)).reduce((sum, [, value]) => sum + value, 0);
}

async function series(kiln: RunningKiln, name: string): Promise<[labels: string, value: number][]> {
  const text = await (await fetch(`http://127.0.0.1:${kiln.port}/_kiln/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`));
  return lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]);
}

/** Waits until as many calls were run as events received; gives the time of that. */
async function drained(kiln: RunningKiln): Promise<number> {
  const before = await metric(kiln, "kiln_async_event_age_milliseconds_count");
  const all = await metric(kiln, "kiln_async_events_received_total");
  const startedAt = performance.now();
  while ((await metric(kiln, "kiln_async_event_age_milliseconds_count")) < all) await sleep(50);
  return ((all - before) * 1000) / (performance.now() - startedAt);
}

type Ages = Map<number, number>;

/** Upper bounds of ages in ms, with how many events are at most so old. */
async function ages(kiln: RunningKiln): Promise<Ages> {
  const buckets = await series(kiln, "kiln_async_event_age_milliseconds_bucket");
  return new Map(buckets.map(([labels, value]) => [Number(/le="([\d.]+)"/.exec(labels)?.[1] ?? Infinity), value]));
}

/** The bound below which this share of the events is that came between two looks. */
function within(before: Ages, after: Ages, share: number): string {
  const counts = [...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)] as const);
  const total = counts.at(-1)?.[1] ?? 0;
  return `≤ ${counts.find(([, count]) => count >= total * share)?.[0]}`;
}

const rate = (loads: readonly Load[]): number => median(loads.map(({ perSecond }) => perSecond));
const p99 = (loads: readonly Load[]): string => (median(loads.map((each) => each.p99)) / 1000).toFixed(1);

export async function events(): Promise<void> {
  const kiln = await startKiln({ KILN_REQUEST_RATE: "0" });
  const file = join(kiln.state, "baseline");
  const baseline = await startBaseline("events-baseline.ts", [file]);
  try {
    await deployEcho(kiln.client);
    const reserved = { FunctionName: benchFunction, ReservedConcurrentExecutions: environments };
    await kiln.client.send(new PutFunctionConcurrencyCommand(reserved));
    await kiln.client.send(new InvokeCommand({ FunctionName: benchFunction, Payload: payload }));
    await load(kiln.port, path, environments, 1, payload);

    // While there is room: one event at a time.
    await load(kiln.port, path, 1, 1, payload, asEvent);
    await drained(kiln);
    const before = await ages(kiln);
    await load(kiln.port, path, 1, seconds, payload, asEvent);
    await drained(kiln);
    const after = await ages(kiln);
    const waits = { p50: within(before, after, 0.5), p99: within(before, after, 0.99) };

    const measured = { accepted: [] as Load[], appended: [] as Load[], handled: [] as number[], called: [] as Load[] };
    for (let round = 0; round < rounds; round += 1) {
      measured.appended.push(await load(baseline.port, "/", connections, seconds, payload));
      measured.called.push(await load(kiln.port, path, environments, seconds, payload));
      measured.accepted.push(await load(kiln.port, path, connections, seconds, payload, asEvent));
      measured.handled.push(await drained(kiln));
    }
    const [accepted, appended, handled] = [rate(measured.accepted), rate(measured.appended), median(measured.handled)];
    const called = rate(measured.called);
    const row = (what: string, perSecond: number, ratio: number, loads?: readonly Load[]) => ({
      what,
      "per second": perSecond.toFixed(0),
      ratio: ratio.toFixed(2),
      "p99 of an answer, ms": loads === undefined ? "" : p99(loads),
    });
    printTable(`Events: ${rounds} interleaved rounds of ${seconds} s, ${connections} connections`, [
      row("append, fsync, 202 (node:http)", appended, 1, measured.appended),
      row("Kiln accepts", accepted, accepted / appended, measured.accepted),
      row(`synchronous calls, ${environments} connections`, called, 1, measured.called),
      row(`Kiln handles, ${environments} environments, nothing else coming in`, handled, handled / called),
    ]);
    console.log(`\nFrom acceptance to the call, one event at a time: p50 ${waits.p50} ms, p99 ${waits.p99} ms`);
    console.log(`\n${await saveResult("events", { ...measured, waits })}`);
  } finally {
    await kiln.stop();
    await baseline.stop();
    await rm(file, { force: true });
  }
}
