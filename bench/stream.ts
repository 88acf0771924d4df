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
import { Figures } from "./harness/finding.ts";
import type { BenchOptions } from "./harness/options.ts";
import { record } from "./harness/results.ts";
import { median } from "./harness/statistics.ts";

const run = promisify(execFile);
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

export async function stream({ rounds = 5 }: BenchOptions): Promise<void> {
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
    const figures = new Figures();
    for (const { pieces, answers } of sizes) {
      for (const source of sources) await read(source, pieces, answers);
      for (let round = 0; round < rounds; round += 1) {
        for (const source of sources) {
          const readings = await read(source, pieces, answers);
          const of = { case: `${(pieces / 16).toFixed(2)} MB`, subject: source.server };
          const middle = (figure: (reading: Reading) => number): number => median(readings.map(figure));
          figures.add(
            { ...of, metric: "first byte", unit: "ms", better: "less" },
            middle(({ firstMs }) => firstMs),
          );
          figures.add(
            { ...of, metric: "rate", unit: "MB/s", better: "more" },
            middle(({ bytes, totalMs }) => bytes / MB / (totalMs / 1000)),
          );
        }
      }
    }
    const title = `Streamed answers: ${rounds} interleaved rounds, 1,769 MB, nodejs24.x, without the bandwidth rule`;
    await record({ scenario: "stream", title, headline: "first byte", figures: figures.all(), absent: [] });
  } finally {
    await kiln.stop();
    await baseline.stop();
  }
}
