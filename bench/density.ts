/**
 * Many idle environments: what each costs beside the memory of its runtime, and whether they slow down the calls of another
 * one. Each is a function version of its own with 128 MB; they are frozen when nothing calls them.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { instanceName } from "../src/config/index.ts";
import { benchFunction, deploy, deployEcho } from "./functions.ts";
import { load, startKiln, type Load, type RunningKiln } from "./processes.ts";
import { median, printTable, saveResult, spread } from "./report.ts";
import type { Target } from "./targets.ts";

const environments = 300;
const rounds = 5;
const seconds = 2;
const payload = '{"n":1}';

function meminfo(name: string): number {
  const kB = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
  return Number(kB ?? Number.NaN) / 1024;
}

/** MB of a process: what it alone has in memory. */
function ownMB(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kB = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0);
  return (kB("Private_Clean") + kB("Private_Dirty")) / 1024;
}

interface JailFigures {
  jails: number;
  frozen: number;
  /** MB of the jails' processes: what they alone have, and their share of what they have in common. */
  processMB: number;
}

function jailFigures(kiln: RunningKiln): JailFigures {
  const group = `kiln/${instanceName(kiln.state)}`;
  const frozenTree = join("/sys/fs/cgroup/freezer", group);
  const ids = readdirSync(frozenTree, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const figures = { jails: ids.length, frozen: 0, processMB: 0 };
  for (const { name } of ids) {
    if (readFileSync(join(frozenTree, name, "freezer.state"), "utf8").trim() === "FROZEN") figures.frozen += 1;
    for (const pid of readFileSync(join(frozenTree, name, "cgroup.procs"), "utf8")
      .split("\n")
      .filter(Boolean)) {
      const pss = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
      figures.processMB += Number(pss ?? 0) / 1024;
    }
  }
  return figures;
}

async function warmLoad(kiln: RunningKiln): Promise<Load> {
  return load(kiln.port, `/2015-03-31/functions/${benchFunction}/invocations`, 1, seconds, payload);
}

/** The machine's other programs come and go: the median of some looks. */
async function availableMB(): Promise<number> {
  const looks: number[] = [];
  for (let look = 0; look < 10; look += 1) {
    looks.push(meminfo("MemAvailable"));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return median(looks);
}

/** The SDK's waiter looks once a second. */
async function updated({ client }: RunningKiln): Promise<void> {
  for (;;) {
    const { LastUpdateStatus } = await client.send(new GetFunctionConfigurationCommand({ FunctionName: "dense" }));
    if (LastUpdateStatus !== "InProgress") return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function fill(kiln: RunningKiln, from: number, to: number): Promise<void> {
  const { client } = kiln;
  const FunctionName = "dense";
  for (let n = from; n < to; n += 1) {
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Description: `version ${n}` }));
    await updated(kiln);
    const { Version } = await client.send(new PublishVersionCommand({ FunctionName }));
    const answer = await client.send(new InvokeCommand({ FunctionName, Qualifier: Version, Payload: payload }));
    if (answer.FunctionError !== undefined) throw new Error(answer.Payload?.transformToString());
  }
}

export async function density(): Promise<Target[]> {
  const kiln = await startKiln({ KILN_POOL_SIZE: "0", KILN_REQUEST_RATE: "0", KILN_ENVIRONMENT_IDLE_MS: "3600000" });
  try {
    await deployEcho(kiln.client);
    await kiln.client.send(new InvokeCommand({ FunctionName: benchFunction, Payload: payload }));
    await deploy(kiln.client, "dense", "echo", 128);
    // What is made once, and Kiln's own heap at work, are not an environment's.
    await fill(kiln, 0, 10);
    await warmLoad(kiln);
    const latencies = new Map<number, Load[]>();
    const measured: { environments: number; availableMB: number; kilnMB: number; jails: JailFigures }[] = [];
    let count = 10;
    for (const until of [10, 100, environments]) {
      await fill(kiln, count, until);
      count = until;
      await new Promise((resolve) => setTimeout(resolve, 1500));
      measured.push({
        environments: until,
        availableMB: await availableMB(),
        kilnMB: ownMB(kiln.pid),
        jails: jailFigures(kiln),
      });
      const loads: Load[] = [];
      for (let round = 0; round < rounds; round += 1) loads.push(await warmLoad(kiln));
      latencies.set(until, loads);
    }
    const base = median((latencies.get(10) ?? []).map(({ p50 }) => p50));
    printTable(
      `Warm calls of one environment beside idle ones: ${rounds} rounds of ${seconds} s`,
      [...latencies].map(([idle, loads]) => ({
        "idle environments": idle,
        "p50 µs": median(loads.map(({ p50 }) => p50)).toFixed(0),
        spread: spread(
          loads.map(({ p50 }) => p50),
          0,
        ),
        "p99 µs": median(loads.map(({ p99 }) => p99)).toFixed(0),
        "p50 ratio": (median(loads.map(({ p50 }) => p50)) / base).toFixed(2),
      })),
    );
    const [first, , last] = measured;
    if (first === undefined || last === undefined) throw new Error("nothing was measured");
    const more = last.environments - first.environments;
    const each = (value: number): string => (value / more).toFixed(2);
    const processes = last.jails.processMB - first.jails.processMB;
    const all = first.availableMB - last.availableMB;
    printTable(`What one more of ${more} idle environments takes (128 MB, nodejs24.x)`, [
      { what: "of the machine's memory, all in all", "MB each": each(all) },
      { what: "its processes (proportional set size)", "MB each": each(processes) },
      { what: "Kiln's own process", "MB each": each(last.kilnMB - first.kilnMB) },
      { what: "beyond its processes, all in all", "MB each": each(all - processes) },
    ]);
    console.log(`\n${last.jails.frozen} of ${last.jails.jails} jails were frozen.`);
    console.log(await saveResult("density", { latencies: Object.fromEntries(latencies), measured }));
    const beside = median((latencies.get(environments) ?? []).map(({ p50 }) => p50));
    return [
      {
        what: "a frozen idle environment, beyond its processes",
        unit: "MB",
        measured: (all - processes) / more,
        most: 2,
      },
      {
        what: `a warm call beside ${environments} idle environments, of one beside 10`,
        unit: "×",
        measured: beside / base,
        // Unchanged: as far as two measurements of the same thing agree.
        most: 1.1,
      },
    ];
  } finally {
    await kiln.stop();
  }
}
