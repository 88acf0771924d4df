/**
 * The audit: every call that it wants to know of becomes a record. What changes something is not answered before its record
 * is on disk; what only reads is recorded with the next group, and waits only when too much waits already.
 */
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { explainDiskError } from "../../base/disk-error.ts";
import { makeDirectory } from "../../base/durable-file.ts";
import { KilnError, ServiceError } from "../../base/errors.ts";
import type { AuditedCall } from "../../wire/contract.ts";
import { createAllowance } from "./allowance.ts";
import type { Audit } from "./contract.ts";
import type { AuditKey } from "./key.ts";
import { createLog } from "./log.ts";
import { eventKind, isDataEvent } from "./operations.ts";
import { eventKindOf, recordOf, serviceRecord, type Defaults } from "./record.ts";
import { recover } from "./recover.ts";
import { openWriter, type LogLimits } from "./writer.ts";

export interface AuditOptions {
  /** Of the log; made when it is not there. */
  readonly dir: string;
  readonly key: AuditKey;
  /** Outside of the state directory: by it an older copy of the log is found out. Undefined: it is not. */
  readonly witness?: string;
  /** Where records belong whose caller is not known. */
  readonly defaults: Defaults;
  readonly limits: LogLimits;
  /** Records of calls to functions and of messages as well. */
  readonly dataEvents: boolean;
  /** Of callers who are not known: records a second, and at once. */
  readonly strangers: { readonly perSecond: number; readonly burst: number };
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

/** ms between two looks for what is too old. */
const PRUNE_MS = 60_000;

export function logDirectory(stateDir: string): string {
  return join(stateDir, "audit", "log");
}

/** Opens the log and finds where it goes on. Throws KilnError DISK_…. */
export async function openAudit(options: AuditOptions): Promise<Audit> {
  const { dir, key, defaults, limits, dataEvents, strangers, clock } = options;
  const report = (error: unknown): void => options.report(explainDiskError(error, "write the audit log"));
  await makeDirectory(dir);
  const found = await recover(dir, key.chain, key.isNew, options.witness);
  const writer = await openWriter(dir, key.chain, found, limits, report, options.witness);
  const allowance = createAllowance(strangers.perSecond, strangers.burst, clock);

  for (const reason of found.damage) {
    report(
      new KilnError("AUDIT_DAMAGED", `The audit log in ${dir} is not as it was left: ${reason}.`, {
        hint: "`kiln audit verify` says more. The log goes on behind it.",
      }),
    );
    await writer.append(JSON.stringify(serviceRecord("AuditLogDamaged", { reason }, clock(), defaults)));
  }
  const pruning = setInterval(() => void writer.prune(clock()).catch(report), PRUNE_MS);
  pruning.unref();
  await writer.prune(clock());

  function record(call: AuditedCall): void | Promise<void> {
    if (call.caller === undefined && !allowance.take()) return undefined;
    const kind = eventKindOf(call);
    const unrecorded = allowance.refused();
    const more = unrecorded === 0 ? undefined : { unrecordedCallsOfUnknownCallers: unrecorded };
    const full = writer.full();
    if (full && (kind.readOnly || kind.data)) throw notRecorded();
    const written = writer.append(JSON.stringify(recordOf(call, kind, defaults, more)));
    const changed = !kind.readOnly && !kind.data && (call.error === undefined || call.caller !== undefined);
    if (changed) return written.catch(unrecordable);
    // The writer has told the operator, and keeps the record.
    written.catch(() => undefined);
    return undefined;
  }

  return {
    calls: {
      wants: (service, operation) => dataEvents || !isDataEvent(service, operation),
      admit(service, operation) {
        // First, because it is asked on the path of every call of a function.
        if (isDataEvent(service, operation) || eventKind(service, operation).readOnly) return undefined;
        const ready = writer.ready();
        return ready === undefined ? undefined : ready.catch(unrecordable);
      },
      record,
    },
    log: createLog(writer),
    async close() {
      clearInterval(pruning);
      await writer.close();
    },
  };
}

function unrecordable(cause: unknown): never {
  throw notRecorded(cause);
}

function notRecorded(cause?: unknown): ServiceError {
  return new ServiceError(
    "ServiceException",
    "The call could not be recorded in the audit log, which has to be written before a call is answered. The operator of " +
      "this Kiln sees why in its output; kiln doctor checks the disk.",
    { status: 500, cause },
  );
}
