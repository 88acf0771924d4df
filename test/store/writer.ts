/**
 * Writes to a store without end and says on standard output what was acknowledged, one line each, right after the promise
 * resolved. Its parent kills it. Arguments: the state directory, and a name of its own for this run.
 */
import { lockStateDirectory } from "../../src/store/owner.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { say as sayJson } from "../support/say.ts";

/** What the parent compares. A message is in the queue until it is `done`. */
export type Acknowledged =
  | { did: "ready" }
  | { did: "put"; key: string; value: number }
  | { did: "removed"; key: string }
  | { did: "enqueued"; body: string }
  | { did: "done"; body: string }
  | { did: "blob"; id: string; size: number };

const [dir = "", run = ""] = process.argv.slice(2);
const LANES = 6;

const say = (what: Acknowledged): void => sayJson(what);

await lockStateDirectory(dir);
const { documents, queue, blobs } = await openSqliteStore({ dir });
say({ did: "ready" });

/** Creates, replaces and sometimes removes documents that only this lane touches. */
async function writeDocuments(lane: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const key = `${run}/${lane}/${n}`;
    const created = await documents.create("kind", key, { value: n, filler: "x".repeat(n % 3000) });
    say({ did: "put", key, value: n });
    await documents.replace("kind", key, { value: n + 0.5 }, created.version);
    say({ did: "put", key, value: n + 0.5 });
    if (n % 3 !== 0) continue;
    await documents.remove("kind", key);
    say({ did: "removed", key });
  }
}

async function writeQueue(lane: number): Promise<never> {
  const name = `queue-${run}-${lane}`;
  for (let n = 0; ; n += 1) {
    const body = `${name}:${n}`;
    await queue.enqueue(name, Buffer.from(body));
    say({ did: "enqueued", body });
    if (n % 2 !== 0) continue;
    for (const message of await queue.receive(name, { max: 1, visibility: 1 })) {
      await queue.acknowledge(name, message.receipt);
      say({ did: "done", body: Buffer.from(message.body).toString() });
    }
  }
}

async function writeBlobs(lane: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const { id, size } = await blobs.put(Buffer.alloc(1 + ((n * 7919) % 300_000), `${run}/${lane}/${n}`));
    say({ did: "blob", id, size });
  }
}

await Promise.all(
  Array.from({ length: LANES }, (_, lane) => [writeDocuments(lane), writeQueue(lane), writeBlobs(lane)]).flat(),
);
