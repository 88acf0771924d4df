import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blobsConformance } from "../conformance/blobs.ts";
import { documentsConformance } from "../conformance/documents.ts";
import type { Subject } from "../conformance/subject.ts";
import { workQueueConformance } from "../conformance/work-queue.ts";
import { openSqliteStore } from "./open.ts";

async function open(): Promise<Subject> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-sqlite-"));
  let now = Date.now();
  const store = await openSqliteStore({ dir, clock: () => now });
  return {
    store,
    pass: async (ms) => void (now += ms),
    async close() {
      await store.close();
      await rm(dir, { recursive: true });
    },
  };
}

documentsConformance("the embedded store", open);
workQueueConformance("the embedded store", open);
blobsConformance("the embedded store", open);
