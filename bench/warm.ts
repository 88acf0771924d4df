/**
 * Warm calls: the same handler behind Kiln's real HTTP port (one jail per environment), signed and not, in a bare node:http
 * server, and in what people use instead, in interleaved rounds. The load tool is a process of its own, on the same cores.
 */
import { Figures, type Absent } from "./harness/finding.ts";
import type { BenchOptions } from "./harness/options.ts";
import { record } from "./harness/results.ts";
import { lookInside } from "./inside.ts";
import { load, type Load } from "./processes.ts";
import { peerSubjects } from "./warm-peers.ts";
import { bareSubject, kilnSubject, type Subject } from "./warm-subjects.ts";

const defaults = { rounds: 5, seconds: 1, connections: [1, 8, 32], payloads: [0, 1024, 1_000_000, 6_000_000] };
const HEADLINE = "p50";
/** As many as the targets speak of; else there would be one for each connection, as far as the machine has memory for them. */
const fourEnvironments = { KILN_ENVIRONMENT_MEMORY_MB: String(4 * 1769) };

export async function warm(options: BenchOptions): Promise<void> {
  const { rounds, seconds, connections, payloads } = { ...defaults, ...given(options) };
  const absent: Absent[] = [];
  const subjects: Subject[] = [];
  try {
    subjects.push(await bareSubject());
    subjects.push(await kilnSubject("kiln", "off", { probe: options.flame || options.allocations }, fourEnvironments));
    subjects.push(
      await kilnSubject("kiln, signed", "on", { probe: options.flame || options.allocations }, fourEnvironments),
    );
    const [peers, missing] = await peerSubjects(options.peers);
    subjects.push(...peers);
    absent.push(...missing);
    if (options.other !== undefined) {
      subjects.push(await kilnSubject("kiln, other", "off", { tree: options.other }, fourEnvironments));
      subjects.push(await kilnSubject("kiln, other, signed", "on", { tree: options.other }, fourEnvironments));
    }
    const figures = new Figures();
    for (const bytes of payloads) {
      for (const count of connections) {
        // Large payloads at many connections measure the memory of the machine.
        if (bytes > 100_000 && count > 8) continue;
        absent.push(...(await measure(subjects, figures, { bytes, connections: count, rounds, seconds })));
      }
    }
    const title = `Warm calls: ${rounds} interleaved rounds of ${seconds} s, 1,769 MB, nodejs24.x, four environments at most`;
    await record({ scenario: "warm", title, headline: HEADLINE, figures: figures.all(), absent });
    await lookInside(subjects, options);
  } finally {
    for (const subject of subjects) await subject.stop();
  }
}

interface Case {
  readonly bytes: number;
  readonly connections: number;
  readonly rounds: number;
  readonly seconds: number;
}

/** The peers that failed, each with what it said; they are not asked again in this case. Whoever else fails ends the run. */
async function measure(subjects: readonly Subject[], figures: Figures, one: Case): Promise<Absent[]> {
  const payload = payloadOf(one.bytes);
  const name = `${sizeOf(one.bytes)}, ${one.connections} conn.`;
  const failed = new Map<string, Absent>();
  // The first round warms up, and is not counted.
  for (let round = 0; round <= one.rounds; round += 1) {
    for (const subject of subjects) {
      if (one.connections > (subject.connections ?? Number.POSITIVE_INFINITY) || failed.has(subject.name)) continue;
      const before = subject.cpu();
      const seconds = round === 0 ? 1 : one.seconds;
      let result: Load;
      try {
        result = await load(subject.port, subject.path, one.connections, seconds, payload, "", subject.keys);
      } catch (error) {
        if (subject.peer !== true) throw error;
        const reason = `${name}: failed in ${round === 0 ? "its warm-up" : `round ${round}`}: ${saidBy(error)}`;
        failed.set(subject.name, { subject: subject.name, reason });
        continue;
      }
      const { calls, perSecond, p50, p99, cpuPerCall } = result;
      const after = subject.cpu();
      if (round === 0) continue;
      const add = (metric: string, unit: string, better: "less" | "more", value: number): void =>
        figures.add({ case: name, subject: subject.name, metric, unit, better }, value);
      add("p50", "µs", "less", p50);
      add("p99", "µs", "less", p99);
      add("calls", "/s", "more", perSecond);
      add("CPU of server", "µs/call", "less", (after.server - before.server) / calls);
      if (after.functions !== undefined && before.functions !== undefined) {
        add("CPU of function", "µs/call", "less", (after.functions - before.functions) / calls);
      }
      add("CPU of load tool", "µs/call", "less", cpuPerCall);
      if (one.bytes >= 100_000) add("both ways", "MB/s", "more", (perSecond * one.bytes * 2) / 1e6);
    }
  }
  return [...failed.values()];
}

/** The load tool ends with a stack trace on its standard error: the line of it that says what was wrong. */
function saidBy(error: unknown): string {
  const { message } = error instanceof Error ? error : { message: String(error) };
  return /^(?:\w*Error: )(.+)$/m.exec(message)?.[1] ?? message.split("\n", 1)[0] ?? message;
}

/** JSON of exactly so many bytes: a text. Without any the function gets an empty object. */
export function payloadOf(bytes: number): string {
  return bytes < 2 ? "" : `"${"x".repeat(bytes - 2)}"`;
}

function sizeOf(bytes: number): string {
  return bytes >= 1_000_000 ? `${bytes / 1_000_000} MB` : bytes >= 1024 ? `${bytes / 1024} KB` : `${bytes} B`;
}

function given(options: BenchOptions): Partial<typeof defaults> {
  const { rounds, seconds, connections, payloads } = options;
  return Object.fromEntries(
    Object.entries({ rounds, seconds, connections, payloads }).filter(([, value]) => value !== undefined),
  );
}
