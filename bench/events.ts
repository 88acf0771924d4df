/**
 * Asynchronous calls: how many a second are accepted (on disk, answered 202), how many a second are handled by four
 * environments, and what both take of the processors, beside a bare server that appends and syncs and beside a job queue, in
 * interleaved rounds; and how long an accepted event waits for its call while there is room.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  appendingSubject,
  bullmqSubject,
  environments,
  invocations,
  kilnSubject,
  series,
  type EventSubject,
} from "./events-subjects.ts";
import { Figures, type Absent } from "./harness/finding.ts";
import type { BenchOptions } from "./harness/options.ts";
import { record } from "./harness/results.ts";
import { load, type RunningKiln } from "./processes.ts";

const payload = '{"n":1}';
const defaults = { rounds: 5, seconds: 3 };
const CONNECTIONS = 64;
/** ms between looks at how far a subject is. */
const LOOK_MS = 20;

export async function events(options: BenchOptions): Promise<void> {
  const rounds = options.rounds ?? defaults.rounds;
  const seconds = options.seconds ?? defaults.seconds;
  const absent: Absent[] = [];
  const subjects: EventSubject[] = [];
  try {
    const kiln = await kilnSubject("kiln");
    subjects.push(await appendingSubject(), kiln);
    if (options.other !== undefined) subjects.push(await kilnSubject("kiln, other", options.other));
    if (options.peers?.includes("bullmq") !== false) {
      const peer = await bullmqSubject();
      if ("reason" in peer) absent.push(peer);
      else subjects.push(peer);
    }
    const waits = kiln.kiln === undefined ? undefined : await waitsOf(kiln.kiln, kiln, seconds);
    const figures = new Figures();
    // The first round warms up, and is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      for (const subject of subjects) {
        await measure(subject, round === 0 ? new Figures() : figures, round === 0 ? 1 : seconds);
      }
      if (kiln.kiln !== undefined) await synchronous(kiln, round === 0 ? new Figures() : figures, seconds);
    }
    const title = `Events: ${rounds} interleaved rounds of ${seconds} s, ${CONNECTIONS} connections, ${environments} environments, 7 B`;
    await record({ scenario: "events", title, headline: "events", figures: figures.all(), absent });
    if (waits !== undefined) {
      console.log(`\nFrom acceptance to the call, one event at a time: p50 ${waits.p50} ms, p99 ${waits.p99} ms`);
    }
  } finally {
    for (const subject of subjects) await subject.stop();
  }
}

/** A load of events, and then what is left of them. */
async function measure(subject: EventSubject, figures: Figures, seconds: number): Promise<void> {
  const { name, port, path, headers } = subject;
  const add = (what: string, metric: string, unit: string, better: "less" | "more", value: number): void =>
    figures.add({ case: what, subject: name, metric, unit, better }, value);
  const [before, cpuBefore] = [(await subject.handled?.()) ?? 0, subject.cpu()];
  const accepted = await load(port, path, CONNECTIONS, seconds, payload, headers);
  add("accepted", "events", "/s", "more", accepted.perSecond);
  add("accepted", "p50", "µs", "less", accepted.p50);
  add("accepted", "p99", "µs", "less", accepted.p99);
  if (subject.handled === undefined) return;
  const all = before + accepted.calls;
  const [waiting, startedAt] = [all - (await subject.handled()), performance.now()];
  const cpu = subject.cpu();
  while ((await subject.handled()) < all) await sleep(LOOK_MS);
  // Where nearly nothing was left to be handled afterwards, a rate of it says nothing.
  if (waiting > accepted.calls / 10) {
    add("handled, nothing coming in", "events", "/s", "more", (waiting * 1000) / (performance.now() - startedAt));
    add("handled, nothing coming in", "CPU", "µs/event", "less", (subject.cpu() - cpu) / waiting);
  }
  add("accepted and handled", "CPU", "µs/event", "less", (subject.cpu() - cpuBefore) / accepted.calls);
}

/** The same function, called by callers that wait: as many as there are environments. */
async function synchronous({ name, port, cpu }: EventSubject, figures: Figures, seconds: number): Promise<void> {
  const before = cpu();
  const { calls, perSecond } = await load(port, invocations, environments, seconds, payload);
  const about = { case: "synchronous calls", subject: name } as const;
  figures.add({ ...about, metric: "events", unit: "/s", better: "more" }, perSecond);
  figures.add({ ...about, metric: "CPU", unit: "µs/event", better: "less" }, (cpu() - before) / calls);
}

type Ages = Map<number, number>;

/** While there is room: one event at a time. Upper bounds of the histogram's intervals. */
async function waitsOf(
  kiln: RunningKiln,
  { port, path, headers, handled }: EventSubject,
  seconds: number,
): Promise<{ p50: string; p99: string }> {
  const ages = async (): Promise<Ages> => {
    const buckets = await series(kiln, "kiln_async_event_age_milliseconds_bucket");
    return new Map(buckets.map(([labels, value]) => [Number(/le="([\d.]+)"/.exec(labels)?.[1] ?? Infinity), value]));
  };
  const sent = async (): Promise<void> => {
    const before = (await handled?.()) ?? 0;
    const { calls } = await load(port, path, 1, seconds, payload, headers);
    for (let now = before; now < before + calls; now = (await handled?.()) ?? Infinity) await sleep(LOOK_MS);
  };
  // The first of them start environments.
  await sent();
  const before = await ages();
  await sent();
  const after = await ages();
  return { p50: within(before, after, 0.5), p99: within(before, after, 0.99) };
}

/** The bound below which this share of the events is that came between two looks. */
function within(before: Ages, after: Ages, share: number): string {
  const counts = [...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)] as const);
  const total = counts.at(-1)?.[1] ?? 0;
  return `≤ ${counts.find(([, count]) => count >= total * share)?.[0]}`;
}
