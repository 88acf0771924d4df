/**
 * What the audit costs: warm calls without and with data events, and calls that change something, which wait for their
 * record, beside a write of as many bytes with a sync to the same disk. Interleaved rounds; the ratio is to the first row.
 */
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvokeCommand, TagResourceCommand } from "@aws-sdk/client-lambda";
import { benchFunction, deployEcho } from "./functions.ts";
import { load, startKiln, type Load, type RunningKiln } from "./processes.ts";
import { median, printTable, saveResult, spread, type Row } from "./report.ts";

const rounds = 5;
const seconds = 2;
const payload = '{"n":1}';
const path = `/2015-03-31/functions/${benchFunction}/invocations`;
/** Of a record with its place in the chain. */
const recordBytes = 1200;
const writes = 100;

export async function audit(): Promise<void> {
  const kilns: Record<string, RunningKiln> = {
    "data events off": await startKiln({ KILN_REQUEST_RATE: "0" }),
    "data events on": await startKiln({ KILN_REQUEST_RATE: "0", KILN_AUDIT_DATA_EVENTS: "on" }),
  };
  try {
    for (const { client } of Object.values(kilns)) {
      await deployEcho(client);
      await client.send(new InvokeCommand({ FunctionName: benchFunction, Payload: payload }));
    }
    const calls = await warmCalls(kilns);
    const synced = await changes(kilns["data events off"]);
    console.log(`\n${await saveResult("audit", { calls, synced })}`);
  } finally {
    for (const kiln of Object.values(kilns)) await kiln.stop();
  }
}

async function warmCalls(kilns: Readonly<Record<string, RunningKiln>>): Promise<Record<string, Load[]>> {
  const measured: Record<string, Load[]> = {};
  for (const { port } of Object.values(kilns)) await load(port, path, 4, 1, payload);
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, { port }] of Object.entries(kilns)) {
      (measured[name] ??= []).push(await load(port, path, 4, seconds, payload));
    }
  }
  const first = median((Object.values(measured)[0] ?? []).map((run) => run.perSecond));
  const rows: Row[] = Object.entries(measured).map(([name, runs]) => {
    const perSecond = runs.map((run) => run.perSecond);
    return {
      audit: name,
      "p50 µs": median(runs.map((run) => run.p50)).toFixed(0),
      "calls/s": median(perSecond).toFixed(0),
      spread: spread(perSecond, 0),
      "calls ratio": (median(perSecond) / first).toFixed(2),
    };
  });
  printTable(`Warm calls, 4 connections: ${rounds} interleaved rounds of ${seconds} s`, rows);
  return measured;
}

/** ms of each, one after the other. */
async function changes(kiln: RunningKiln | undefined): Promise<{ disk: number[]; tagged: number[] }> {
  if (kiln === undefined) throw new TypeError("there is no Kiln");
  const dir = await mkdtemp(join(tmpdir(), "kiln-bench-audit-"));
  const file = await open(join(dir, "file"), "w");
  const disk: number[] = [];
  const tagged: number[] = [];
  try {
    const Resource = `arn:aws:lambda:us-east-1:000000000000:function:${benchFunction}`;
    for (let index = 0; index < writes; index += 1) {
      disk.push(
        await timed(async () => {
          await file.write(Buffer.alloc(recordBytes, "x"));
          await file.datasync();
        }),
      );
      tagged.push(
        await timed(() => kiln.client.send(new TagResourceCommand({ Resource, Tags: { index: String(index) } }))),
      );
    }
  } finally {
    await file.close();
    await rm(dir, { recursive: true });
  }
  const rows: Row[] = Object.entries({ "write and sync": disk, TagResource: tagged }).map(([what, times]) => ({
    what,
    "median ms": median(times).toFixed(2),
    spread: spread(times, 1),
    ratio: (median(times) / median(disk)).toFixed(1),
  }));
  printTable(`Calls that change something: ${writes} of each, interleaved`, rows);
  return { disk, tagged };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
