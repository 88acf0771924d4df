/** What a load does inside Kiln, on request: a flame graph, allocations and system calls per call. */
import { execFile, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { flameGraph, type CpuProfile } from "./harness/flame.ts";
import type { BenchOptions } from "./harness/options.ts";
import { resultsFolder } from "./harness/results.ts";
import { markdown } from "./harness/table.ts";
import { ended, load } from "./processes.ts";
import type { Subject } from "./warm-subjects.ts";

const payload = '{"n":1}';
const connections = 4;
const seconds = 5;

export async function lookInside(subjects: readonly Subject[], options: BenchOptions): Promise<void> {
  const subject = subjects.find(({ name }) => name === (options.signed ? "kiln, signed" : "kiln"));
  const { kiln } = subject ?? {};
  if (subject === undefined || kiln === undefined) return;
  const calls = async (): Promise<number> =>
    (await load(subject.port, subject.path, connections, seconds, payload, "", subject.keys)).calls;
  if (options.flame) {
    await kiln.ask("profile-start");
    await calls();
    const profile = (await kiln.ask("profile-stop")) as CpuProfile;
    const file = join(resultsFolder, "flame.svg");
    await writeFile(file, flameGraph(profile, `Kiln, warm calls over ${connections} connections`));
    await writeFile(join(resultsFolder, "flame.cpuprofile"), JSON.stringify(profile));
    console.log(`\n${file}`);
  }
  if (options.allocations) {
    await kiln.ask("allocations-start");
    const count = await calls();
    const bytes = Object.entries((await kiln.ask("allocations-stop")) as Record<string, number>);
    const perCall = (sum: number): number => Math.round(sum / count);
    const all = perCall(bytes.reduce((sum, [, each]) => sum + each, 0));
    const rows = bytes
      .sort(([, a], [, b]) => b - a)
      .slice(0, 25)
      .map(([name, each]) => ({ function: name, "bytes per call": perCall(each) }));
    console.log(`\n${markdown(`Kiln allocates ${all} bytes in its heap per call (sampled), most of them in`, rows)}`);
  }
  if (options.syscalls) await systemCalls(kiln.pid, calls);
}

/** strace slows everything down many times over, so only the counts say anything. */
async function systemCalls(pid: number, calls: () => Promise<number>): Promise<void> {
  try {
    await promisify(execFile)("strace", ["-V"]);
  } catch {
    console.log("\nSystem calls are not counted: there is no strace on this machine.");
    return;
  }
  const tracer = spawn("strace", ["-c", "-f", "-p", String(pid)], { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  const attached = new Promise<void>((resolve) => {
    tracer.stderr.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("attached")) resolve();
    });
  });
  await Promise.race([attached, ended(tracer)]);
  const count = await calls();
  tracer.kill("SIGINT");
  await ended(tracer);
  const rows = [...text.matchAll(/^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$/gm)]
    .filter(([, , name]) => name !== "total")
    .map(([, times = "0", name = ""]) => ({ "system call": name, "per call": (Number(times) / count).toFixed(2) }))
    .filter((row) => Number(row["per call"]) >= 0.01);
  if (rows.length === 0) console.log(`\nstrace could not be attached: ${text.trim()}`);
  else console.log(`\n${markdown(`System calls of Kiln's process in ${count} calls`, rows)}`);
}
