/**
 * What a page of ListFunctions costs when there are 100, 1,000 or 10,000 functions: the whole list through the HTTP API in
 * pages of 50, the three sizes in interleaved rounds. Each size is an account of its own in one Kiln, so nothing else
 * differs; the first and the last page are shown too, because a list that counts through what it skips gets slower
 * towards its end.
 */
import { CreateFunctionCommand, LambdaClient, paginateListFunctions } from "@aws-sdk/client-lambda";
import { zipOf } from "./functions.ts";
import { startKiln } from "./processes.ts";
import { median, printTable, saveResult, spread, type Row } from "./report.ts";

const sizes = [100, 1000, 10_000];
/** What AWS answers at most, and by default. */
const pageSize = 50;
/** Lists of each size; the short ones are repeated so that every size has as many pages in a round. */
const rounds = 5;
/** Creations at once. */
const writers = 8;

interface Account {
  size: number;
  client: LambdaClient;
}

function accountOf(port: number, size: number, index: number): Account {
  const accessKeyId = String(index + 1).repeat(12);
  return {
    size,
    client: new LambdaClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      credentials: { accessKeyId, secretAccessKey: "bench" },
    }),
  };
}

async function fill({ client, size }: Account, zip: Buffer, role: string): Promise<void> {
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < size) {
      const name = `bench-${String((next += 1)).padStart(6, "0")}`;
      await client.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Runtime: "nodejs24.x",
          Handler: "index.handler",
          Role: role,
          Code: { ZipFile: zip },
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
}

/** Times of all pages of one list, in ms. */
async function list({ client, size }: Account): Promise<number[]> {
  const times: number[] = [];
  let found = 0;
  let startedAt = performance.now();
  for await (const page of paginateListFunctions({ client, pageSize }, {})) {
    times.push(performance.now() - startedAt);
    found += page.Functions?.length ?? 0;
    startedAt = performance.now();
  }
  if (found !== size) throw new Error(`${found} of ${size} functions were listed`);
  return times;
}

export async function pages(): Promise<void> {
  const kiln = await startKiln();
  const accounts = sizes.map((size, index) => accountOf(kiln.port, size, index));
  const figures = new Map(
    sizes.map((size) => [size, { all: [] as number[], first: [] as number[], last: [] as number[] }]),
  );
  try {
    const zip = await zipOf("echo");
    for (const [index, account] of accounts.entries()) {
      await fill(account, zip, `arn:aws:iam::${String(index + 1).repeat(12)}:role/bench`);
      // Warms the list up, and waits behind the last of the background work.
      await list(account);
    }
    const most = Math.max(...sizes);
    for (let round = 0; round < rounds; round += 1) {
      for (const account of accounts) {
        for (let count = 0; count < most / account.size; count += 1) {
          const times = await list(account);
          const own = figures.get(account.size);
          own?.all.push(...times);
          own?.first.push(times.at(0) ?? Number.NaN);
          own?.last.push(times.at(-1) ?? Number.NaN);
        }
      }
    }
    const base = figures.get(sizes[0] ?? 0)?.all ?? [];
    const rows: Row[] = [...figures].map(([size, { all, first, last }]) => ({
      functions: size,
      pages: all.length,
      "median ms": median(all).toFixed(2),
      "first page": median(first).toFixed(2),
      "last page": median(last).toFixed(2),
      spread: spread(all),
      ratio: (median(all) / median(base)).toFixed(2),
    }));
    printTable(`A page of ListFunctions, ${pageSize} functions each: ${rounds} interleaved rounds`, rows);
    console.log(`\n${await saveResult("pages", Object.fromEntries(figures))}`);
  } finally {
    for (const { client } of accounts) client.destroy();
    await kiln.stop();
  }
}
