/** The audit log, and the trails that deliver it. */
import { systemClock } from "../base/clock.ts";
import { KilnError } from "../base/errors.ts";
import type { Config } from "../config/index.ts";
import { logDirectory, openAudit } from "../security/audit/audit.ts";
import { openAuditKey } from "../security/audit/key.ts";
import type { Bucket } from "../security/audit/trails/contract.ts";
import { directoryBucket } from "../security/audit/trails/directory-bucket.ts";
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

/** Where the files of trails go. The client of S3 is loaded by those who have use for it. */
async function openBuckets({ audit, objectStore }: Config): Promise<Bucket & { close(): void }> {
  if (audit.bucketsDir !== undefined) return { ...directoryBucket(audit.bucketsDir), close: () => undefined };
  if (objectStore === undefined) {
    throw new KilnError("CONFIG_INVALID", "KILN_AUDIT_BUCKETS is s3, and there is no KILN_S3_ENDPOINT.", {
      hint: "Name the store, or give a directory.",
    });
  }
  const { s3Bucket } = await import("../security/audit/trails/s3-bucket.ts");
  return s3Bucket(objectStore);
}

/** Files of the log are small enough to be read as a whole, and many enough for the oldest to go one by one. */
function auditLimits({ audit }: Config): LogLimits {
  const segmentBytes = 4 * 1024 * 1024;
  return { segmentBytes, totalBytes: audit.bytes, retentionMs: audit.retentionMs, waitingBytes: 16 * 1024 * 1024 };
}
