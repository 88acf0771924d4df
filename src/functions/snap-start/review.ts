/** What a start finds of the snapshots of versions: they may be another host's, another level's, or missing. */
import type { Documents } from "../../store/contract.ts";
import { createBackground } from "../background.ts";
import type { FunctionVersion } from "../contract.ts";
import { VERSION, owningFunction, partsOfFunctionKey } from "../keys.ts";
import { withoutSnapshot } from "./regenerate.ts";
import type { VersionSnapshots } from "./snapshots.ts";
import { wantsSnapshot } from "./wanted.ts";

export interface Review {
  /** Looks at a version that nothing is under way for. What takes time is done in the background. */
  review(key: string, version: FunctionVersion): Promise<void>;
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface ReviewOptions {
  documents: Documents;
  /** Absent: this level of isolation has none. */
  snapshots: VersionSnapshots | undefined;
  report: (error: unknown) => void;
}

/** The code of a version is prepared for its review, and calls come first. */
const CONCURRENCY = 2;

export function createReview({ documents, snapshots, report }: ReviewOptions): Review {
  const background = createBackground({
    concurrency: CONCURRENCY,
    report,
    async work(key) {
      const version = (await documents.get<FunctionVersion>(VERSION, key))?.value;
      if (version !== undefined)
        await snapshots?.check({ ...partsOfFunctionKey(owningFunction(VERSION, key)), version });
    },
  });
  return {
    async review(key, version) {
      if (snapshots === undefined) return withoutSnapshot(documents, key, version);
      // What has failed is not tried again, but for one that has worked before.
      if (wantsSnapshot(version) && (version.phase === "ready" || version.regenerating)) background.enqueue(key);
    },
    settled: () => background.settled(),
    close: () => background.close(),
  };
}
