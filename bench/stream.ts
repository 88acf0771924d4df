/**
 * Streamed answers: time to the first byte, and MB/s, of the same handler through a function URL and through
 * InvokeWithResponseStream, beside a bare node:http server that sends it chunked, in interleaved rounds. The bandwidth rule
 * is off. The reader is a process of its own, on the same cores.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateFunctionUrlConfigCommand } from "@aws-sdk/client-lambda";
import { deploy } from "./functions.ts";
import { startBaseline, startKiln } from "./processes.ts";
import { median, printTable, saveResult, spread, type Row } from "./report.ts";

const run = promisify(execFile);
const rounds = 5;
const name = "bench-stream";
const MB = 1024 * 1024;
const sizes = [
  { pieces: 1, answers: 200 },
  { pieces: 1024, answers: 3 },
];

interface Reading {
  firstMs: number;
  totalMs: number;
  bytes: number;
}

interface Source {
  server: string;
  parameters: (pieces: number) => string[];
}

async function read({ parameters }: Source, pieces: number, answers: number): Promise<Reading[]> {
  const { stdout } = await run(process.execPath, [
    join(import.meta.dirname, "stream-load.ts"),
    ...parameters(pieces),
    String(answers),
  ]);
  const readings = JSON.parse(stdout) as Reading[];
  const short = readings.find(({ bytes }) => bytes < pieces * 64 * 1024);
  if (short !== undefined) throw new Error(`an answer of ${short.bytes} bytes`);
  return readings;
}

export async function stream(): Promise<void> {
  const baseline = await startBaseline("stream-baseline.ts");
  const kiln = await startKiln({ KILN_STREAM_MB_PER_SECOND: "0" });
  try {
    await deploy(kiln.client, name, "stream", 1769);
    const { FunctionUrl } = await kiln.client.send(
      new CreateFunctionUrlConfigCommand({ FunctionName: name, AuthType: "NONE", InvokeMode: "RESPONSE_STREAM" }),
    );
    const { host } = new URL(FunctionUrl ?? "");
    const path = `/2021-11-15/functions/${name}/response-streaming-invocations`;
    const sources: Source[] = [
      {
        server: "node:http (no isolation)",
        parameters: (pieces) => [String(baseline.port), "localhost", "GET", `/?pieces=${pieces}`, ""],
      },
      {
        server: "kiln, function URL",
        parameters: (pieces) => [String(kiln.port), host, "GET", `/?pieces=${pieces}`, ""],
      },
      {
        server: "kiln, InvokeWithResponseStream",
        parameters: (pieces) => [String(kiln.port), `127.0.0.1:${kiln.port}`, "POST", path, `{"pieces":${pieces}}`],
      },
    ];
    const rows: Row[] = [];
    const result: Record<string, Record<string, Reading[][]>> = {};
    for (const { pieces, answers } of sizes) {
      const measured = new Map<string, Reading[][]>(sources.map(({ server }) => [server, []]));
      for (const source of sources) await read(source, pieces, answers);
      for (let round = 0; round < rounds; round += 1) {
        for (const source of sources) measured.get(source.server)?.push(await read(source, pieces, answers));
      }
      result[`pieces-${pieces}`] = Object.fromEntries(measured);
      const ofRounds = (server: string, figure: (reading: Reading) => number): number[] =>
        (measured.get(server) ?? []).map((readings) => median(readings.map(figure)));
      const first = (server: string): number[] => ofRounds(server, ({ firstMs }) => firstMs);
      const rate = (server: string): number[] =>
        ofRounds(server, ({ bytes, totalMs }) => bytes / MB / (totalMs / 1000));
      const bare = sources[0]?.server ?? "";
      for (const { server } of sources) {
        rows.push({
          MB: (pieces / 16).toFixed(2),
          server,
          "first byte ms": median(first(server)).toFixed(2),
          spread: spread(first(server), 2),
          ratio: (median(first(server)) / median(first(bare))).toFixed(2),
          "MB/s": median(rate(server)).toFixed(0),
          "MB/s ratio": (median(rate(server)) / median(rate(bare))).toFixed(2),
        });
      }
    }
    printTable(`Streamed answers: ${rounds} interleaved rounds, 1,769 MB, nodejs24.x`, rows);
    console.log(`\n${await saveResult("stream", result)}`);
  } finally {
    await kiln.stop();
    await baseline.stop();
  }
}
