/** The snapshots of versions: taken, kept with their documents, and taken anew when the host is another one. */
import { Readable } from "node:stream";
import { functionArn } from "../../base/arn.ts";
import { KilnError, ServiceError, messageOf } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import type { Documents } from "../../store/contract.ts";
import { SnapshotInitError, type Assignment, type TakenSnapshot } from "../../worker/contract.ts";
import { assignmentOf, type AssignmentOptions } from "../assignment.ts";
import type { CodeKey } from "../code-keys.ts";
import type { CodeStore } from "../code.ts";
import type { FunctionVersion } from "../contract.ts";
import { snapStartNotReady } from "../errors.ts";
import type { Prepared } from "../versions.ts";
import type { SnapshotStore, VersionSnapshot } from "./contract.ts";
import { regenerated } from "./regenerate.ts";
import { openSnapshot, sealSnapshot } from "./sealed.ts";
import { tokenOf } from "./wanted.ts";

export interface VersionSnapshots {
  /**
   * Initialises the version and takes its snapshot; `finish` gets the outcome and commits it, with the snapshot kept safe
   * until it has. False, as `finish` answers, where nothing was committed; also when this process ends first.
   */
  take(of: VersionOf, finish: (outcome: Prepared) => Promise<boolean>): Promise<boolean>;
  /** What a worker is told of the version. Throws SnapStartNotReadyException, and has the snapshot taken anew, where it does not fit. */
  assignment(of: VersionOf): Promise<Assignment>;
  /** Has the snapshot taken anew where it is missing or does not fit. */
  check(of: VersionOf): Promise<void>;
}

export interface VersionOf {
  scope: Scope;
  name: string;
  version: FunctionVersion;
}

export interface VersionSnapshotsOptions extends AssignmentOptions {
  store: SnapshotStore;
  documents: Documents;
  code: Pick<CodeStore, "hold">;
  /** A version waits for its snapshot now. */
  waits(scope: Scope, name: string, version: string): void;
  report: (error: unknown) => void;
}

/** What was in the way of a jail is mostly gone the next time. */
const ATTEMPTS = 2;

export function createVersionSnapshots(options: VersionSnapshotsOptions): VersionSnapshots {
  const { store, documents, report } = options;

  async function plain({ scope, name, version }: VersionOf): Promise<Assignment & { snapStart: { token: string } }> {
    const assignment = await assignmentOf(options, scope, name, version);
    return { ...assignment, snapStart: { token: tokenOf(version) } };
  }

  /** Undefined where the function has no key of its own. */
  async function keyFor({ scope, name, version }: VersionOf): Promise<CodeKey | undefined> {
    const { KMSKeyArn: key } = version.settings;
    if (key === undefined) return undefined;
    return options.codeKeys?.make(scope, functionArn(scope, name), key);
  }

  /** Throws AWS's exceptions of keys. */
  async function openedWith({ scope, name }: VersionOf, { sealed }: VersionSnapshot): Promise<Uint8Array | undefined> {
    if (sealed === undefined) return undefined;
    if (options.codeKeys === undefined) throw new TypeError("nobody can open the snapshots of functions here");
    return options.codeKeys.open(scope, functionArn(scope, name), sealed);
  }

  async function attempt(assignment: Assignment): Promise<TakenSnapshot | undefined> {
    for (let left = ATTEMPTS - 1; ; left -= 1) {
      try {
        return await store.take(assignment);
      } catch (error) {
        if (left === 0 || error instanceof SnapshotInitError || isEnd(error)) throw error;
        report(error);
      }
    }
  }

  async function again({ scope, name, version }: VersionOf): Promise<void> {
    if (await regenerated(documents, scope, name, version)) options.waits(scope, name, version.version);
  }

  return {
    async take(of, finish) {
      let taken: TakenSnapshot | undefined;
      let kind: string | undefined;
      try {
        const assignment = await plain(of);
        kind = store.kindOf(assignment);
        // Nothing can be taken along: an ordinary version.
        if (kind === undefined) return await finish({});
        taken = await attempt(assignment);
      } catch (error) {
        if (isEnd(error)) return false;
        return finish({ failure: failureOf(error, report) });
      }
      if (taken === undefined) return finish({ snapshot: { kind } });
      const [snapshot, made] = [taken, kind];
      try {
        const key = await keyFor(of);
        return await options.code.hold(async () => {
          const clear = snapshot.save();
          const blob = await store.put(key === undefined ? clear : Readable.from(sealSnapshot(clear, key.clear)));
          const sealed = key === undefined ? {} : { sealed: key.sealed };
          if (!(await finish({ snapshot: { kind: made, blob, ...sealed } }))) return false;
          snapshot.kept(blob);
          return true;
        });
      } catch (error) {
        if (error instanceof ServiceError) return finish({ failure: failureOf(error, report) });
        throw error;
      } finally {
        await snapshot.release();
      }
    },

    async assignment(of) {
      const { scope, name, version } = of;
      const { snapshot } = version;
      if (snapshot?.blob === undefined) return assignmentOf(options, scope, name, version);
      const assignment = await plain(of);
      if (store.kindOf(assignment) !== snapshot.kind) {
        await again(of);
        throw snapStartNotReady();
      }
      const id = snapshot.blob;
      const key = await openedWith(of, snapshot);
      return {
        ...assignment,
        snapStart: {
          ...assignment.snapStart,
          snapshot: {
            id,
            read: () => (key === undefined ? store.read(id) : openSnapshot(store.read(id), key)),
            async unusable(cause) {
              report(
                new KilnError("SNAPSHOT_LOST", `The snapshot of ${name}:${version.version} is taken anew.`, { cause }),
              );
              await again(of);
            },
          },
        },
      };
    },

    async check(of) {
      const { snapshot, phase } = of.version;
      if (phase !== "ready") return again(of);
      const kind = store.kindOf(await plain(of));
      // None can be taken, and none is there.
      if (kind !== snapshot?.kind) await again(of);
    },
  };
}

/** The next process starts it anew. */
function isEnd(error: unknown): boolean {
  return error instanceof KilnError && error.code === "WORKER_CLOSED";
}

/** In AWS's words where the function is to blame; its log says more. */
function failureOf(error: unknown, report: (error: unknown) => void): NonNullable<Prepared["failure"]> {
  if (error instanceof SnapshotInitError) {
    return { code: "FunctionError", reason: "An error occurred during function initialization." };
  }
  if (error instanceof ServiceError) return { code: "FunctionError", reason: error.message };
  report(error);
  return { code: "InternalError", reason: `The snapshot could not be taken: ${messageOf(error)}` };
}
