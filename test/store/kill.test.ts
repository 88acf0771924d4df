import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "../../src/store/contract.ts";
import { lockStateDirectory } from "../../src/store/owner.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Acknowledged } from "./writer.ts";

const KILLS = 20;

interface Expected {
  /** Undefined: removed. */
  documents: Map<string, number | undefined>;
  enqueued: Set<string>;
  done: Set<string>;
  blobs: Map<string, number>;
}

/** Runs a writer, kills it at a random moment after its start, and adds what it acknowledged. */
async function writeAndKill(dir: string, run: string, expected: Expected): Promise<number> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, "writer.ts"), dir, run], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(writer, "exit");
  let lines = 0;
  try {
    for await (const line of createInterface({ input: writer.stdout })) {
      const said = JSON.parse(line) as Acknowledged;
      lines += 1;
      if (said.did === "ready") void sleep(Math.random() * 150).then(() => writer.kill("SIGKILL"));
      else note(expected, said);
    }
  } finally {
    writer.kill("SIGKILL");
  }
  assert.deepEqual(await exited, [null, "SIGKILL"]);
  return lines;
}

function note(expected: Expected, said: Exclude<Acknowledged, { did: "ready" }>): void {
  switch (said.did) {
    case "put":
      expected.documents.set(said.key, said.value);
      break;
    case "removed":
      expected.documents.set(said.key, undefined);
      break;
    case "enqueued":
      expected.enqueued.add(said.body);
      break;
    case "done":
      expected.done.add(said.body);
      break;
    case "blob":
      expected.blobs.set(said.id, said.size);
      break;
  }
}

/**
 * Everything that was acknowledged is there. What comes after the last acknowledgement of a lane may be there or not: the
 * kill came between the commit and the line.
 */
async function compare({ documents, queue, blobs }: Store, expected: Expected): Promise<void> {
  for (const [key, value] of expected.documents) {
    const found = (await documents.get<{ value: number }>("kind", key))?.value.value;
    const n = Number(key.slice(key.lastIndexOf("/") + 1));
    if (value === undefined) assert.equal(found, undefined, key);
    else if (value === n) assert.ok(found === n || found === n + 0.5, `${key} has ${found}`);
    else assert.ok(found === value || (found === undefined && n % 3 === 0), `${key} has ${found}`);
  }
  const left = new Set<string>();
  const queues = new Set([...expected.enqueued].map((body) => body.slice(0, body.indexOf(":"))));
  for (const name of queues) {
    const messages = await queue.receive(name, { max: 10_000, visibility: 60_000 });
    for (const message of messages) left.add(Buffer.from(message.body).toString());
    for (const message of messages) await queue.giveBack(name, message.receipt);
  }
  for (const body of expected.done) assert.ok(!left.has(body), `${body} came back`);
  const lost = [...expected.enqueued].filter((body) => !left.has(body) && !expected.done.has(body));
  // At most one per queue: it was acknowledged to the queue, and the line about it did not get out any more.
  assert.ok(new Set(lost.map((body) => body.slice(0, body.indexOf(":")))).size === lost.length, lost.join());
  for (const [id, size] of expected.blobs) {
    const bytes = await (await blobs.get(id))?.bytes();
    assert.equal(bytes?.length, size);
    assert.equal(
      createHash("sha256")
        .update(bytes ?? "")
        .digest("hex"),
      id,
    );
  }
}

it(`loses nothing that it acknowledged in ${KILLS} kills, and opens again`, async () => {
  const dir = await mkdtemp(join(tmpdir(), "kiln-kill-"));
  try {
    let lines = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const expected: Expected = { documents: new Map(), enqueued: new Set(), done: new Set(), blobs: new Map() };
      lines += await writeAndKill(dir, `run${kill}`, expected);
      const state = await lockStateDirectory(dir);
      const store = await openSqliteStore({ dir });
      try {
        assert.deepEqual(await readdir(join(dir, "blobs/aside")), []);
        await compare(store, expected);
      } finally {
        await store.close();
        state.release();
      }
    }
    assert.ok(lines > KILLS * 2, `only ${lines} acknowledgements`);
  } finally {
    await rm(dir, { recursive: true });
  }
});
