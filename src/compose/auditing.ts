/** The audit log, and the trails that deliver it. */
import { systemClock } from "../base/clock.ts";
import type { Config } from "../config/index.ts";
import { logDirectory, openAudit } from "../security/audit/audit.ts";
import { openAuditKey } from "../security/audit/key.ts";
import { openBuckets } from "../security/audit/trails/open-buckets.ts";
import { progressDirectory } from "../security/audit/trails/progress.ts";
import { createTrails } from "../security/audit/trails/trails.ts";
import type { LogLimits } from "../security/audit/writer.ts";
import type { Documents } from "../store/contract.ts";
import { report } from "./say.ts";

interface Auditing {
  audit: Awaited<ReturnType<typeof openAudit>>;
  trails: ReturnType<typeof createTrails>;
}

export async function openAuditing(
  config: Config,
  documents: Documents,
  opened: AsyncDisposableStack,
): Promise<Auditing> {
  const auditKey = await openAuditKey(config.audit.keyFile, config.audit.earlierKeyFile);
  const audit = await openAudit({
    dir: logDirectory(config.stateDir),
    key: auditKey,
    witness: config.audit.witnessFile,
    defaults: { account: config.account, region: config.region },
    limits: auditLimits(config),
    dataEvents: config.audit.dataEvents,
    strangers: { perSecond: config.audit.strangersPerSecond, burst: 10 * config.audit.strangersPerSecond },
    clock: systemClock,
    report,
  });
  opened.defer(() => audit.close());
  const bucket = await openBuckets(config);
  opened.defer(() => bucket.close());
  const trails = createTrails({
    documents,
    log: audit.log,
    bucket,
    key: auditKey,
    dir: progressDirectory(config.stateDir),
    deliveryMs: config.audit.deliveryMs,
    digestMs: config.audit.digestMs,
    recordsDataEvents: config.audit.dataEvents,
    clock: systemClock,
    report,
  });
  opened.defer(() => trails.close());
  trails.start();
  return { audit, trails };
}

/** Files of the log are small enough to be read as a whole, and many enough for the oldest to go one by one. */
function auditLimits({ audit }: Config): LogLimits {
  const segmentBytes = 4 * 1024 * 1024;
  return { segmentBytes, totalBytes: audit.bytes, retentionMs: audit.retentionMs, waitingBytes: 16 * 1024 * 1024 };
}
