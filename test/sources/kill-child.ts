/**
 * Polls a stream until it is killed: `kill-child.ts STATE ENDPOINT ARN OUT`. The function notes every record in the file
 * OUT before it answers, so that the file says what was handled whatever becomes of this process.
 */
import { openSync, writeSync } from "node:fs";
import type { InvokeRequest } from "../../src/invoke/contract.ts";
import { kinesisService } from "../../src/sources/kinesis/service.ts";
import { createSources } from "../../src/sources/manager.ts";
import { createResults } from "../../src/sources/results.ts";
import { streamSource } from "../../src/sources/streams/poller.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";

const [dir = "", endpoint = "", arn = "", out = ""] = process.argv.slice(2);
const report = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
const store = await openSqliteStore({ dir });
const file = openSync(out, "a");

interface Batch {
  Records: { kinesis: { data: string; partitionKey: string } }[];
}

async function invoke({ payload }: InvokeRequest) {
  const { Records } = JSON.parse(Buffer.from(payload).toString()) as Batch;
  for (const { kinesis } of Records) writeSync(file, `${Buffer.from(kinesis.data, "base64").toString()}\n`);
  const fine = { status: "success", durationMs: 1, billedMs: 1, maxMemoryMB: 1, executedVersion: "$LATEST" } as const;
  return { ...fine, payload: Buffer.from("null") };
}

const sources = createSources({
  feed: {
    async *all() {
      yield {
        scope: { account: "000000000000", region: "us-east-1" },
        uuid: "u",
        kind: "kinesis",
        functionName: "f",
        settings: { EventSourceArn: arn, StartingPosition: "TRIM_HORIZON", BatchSize: 10, ParallelizationFactor: 2 },
        enabled: true,
      };
    },
    watch: () => () => undefined,
  },
  pollers: {
    kinesis: streamSource({
      service: { ...kinesisService({ endpoint }), pollMs: 10, gapMs: 0 },
      documents: store.documents,
      invoker: { invoke },
      deliver: async () => undefined,
      results: createResults(store.documents, report),
      roleOf: async () => "arn:aws:iam::000000000000:role/test",
      report,
    }),
  },
  report,
});
await sources.start();
