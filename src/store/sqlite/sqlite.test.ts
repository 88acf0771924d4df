import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blobsConformance } from "../conformance/blobs.ts";
import { documentsConformance } from "../conformance/documents.ts";
import type { Sealer } from "../contract.ts";
import type { Subject } from "../conformance/subject.ts";
import { workQueueConformance } from "../conformance/work-queue.ts";
import { testSealer } from "../../../test/support/sealer.ts";
import { openSqliteStore } from "./open.ts";

async function open(sealer?: Sealer): Promise<Subject> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-sqlite-"));
  let now = Date.now();
  const store = await openSqliteStore({ dir, clock: () => now, ...(sealer && { sealer }) });
  return {
    store,
    pass: async (ms) => void (now += ms),
    async close() {
      await store.close();
      await rm(dir, { recursive: true });
    },
  };
}

for (const [name, subject] of [
  ["the embedded store", () => open()],
  ["the embedded store, encrypted", () => open(testSealer())],
] as const) {
  documentsConformance(name, subject);
  workQueueConformance(name, subject);
  blobsConformance(name, subject);
}
