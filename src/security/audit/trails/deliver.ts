/**
 * One step of a trail: the records since the last file become a file, and the files since the last digest a digest. A file
 * that was written and not yet noted when Kiln was killed is written again under the same name.
 */
import { hash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { KilnError } from "../../../base/errors.ts";
import type { AuditLog, NumberedRecord } from "../contract.ts";
import type { AuditKey } from "../key.ts";
import type { Bucket, Trail } from "./contract.ts";
import { digestOf, textToSign } from "./digest.ts";
import { digestKey, logFileKey } from "./names.ts";
import { readProgress, writeProgress, type Progress } from "./progress.ts";
import { wants } from "./selection.ts";

/** Of the records in one file, before it is compressed. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

const compress = promisify(gzip);

export interface DeliveryOptions {
  readonly log: AuditLog;
  readonly bucket: Bucket;
  readonly key: AuditKey;
  readonly dir: string;
  readonly digestMs: number;
  readonly report: (error: unknown) => void;
}

export interface Delivered {
  readonly files: number;
  readonly digest: boolean;
}

export async function deliver(trail: Trail, now: number, options: DeliveryOptions): Promise<Delivered> {
  const { log, dir, key, report } = options;
  let progress = (await readProgress(dir, trail, key.chain)) ?? begun(trail);
  // After it was made to log again, it is told of nothing that was before.
  if (progress.cursor < trail.from) progress = { ...progress, cursor: trail.from };
  if (progress.cursor < log.oldest()) {
    const lost = `The records ${progress.cursor} to ${log.oldest() - 1} had gone before the trail ${trail.name} had them.`;
    report(new KilnError("AUDIT_TRAIL_LATE", lost, { hint: "Raise KILN_AUDIT_BYTES, or repair its bucket earlier." }));
    progress = { ...progress, cursor: log.oldest() };
  }
  let files = 0;
  let batch: NumberedRecord[] = [];
  let bytes = 0;
  const flush = async (next: number): Promise<void> => {
    if (batch.length > 0) {
      progress = await writeFile(trail, progress, batch, next, options);
      files += 1;
    } else if (next > progress.cursor) {
      progress = { ...progress, cursor: next };
    }
    batch = [];
    bytes = 0;
  };
  let next = progress.cursor;
  const before = progress;
  for await (const one of log.forwards(progress.cursor)) {
    next = one.sequence + 1;
    if (!wants(trail, one.record)) continue;
    batch.push(one);
    bytes += one.json.length;
    if (bytes >= MAX_FILE_BYTES) await flush(next);
  }
  await flush(next);
  if (files === 0 && progress !== before) await writeProgress(dir, trail, key.chain, progress);
  const due = trail.validated && (progress.closing !== undefined || now >= progress.start + options.digestMs);
  if (due) await writeDigest(trail, progress, now, options);
  return { files, digest: due };
}

function begun({ bucket, from, createdAt }: Trail): Progress {
  return { bucket, cursor: from, files: [], start: Math.floor(createdAt / 1000) * 1000 };
}

async function writeFile(
  trail: Trail,
  progress: Progress,
  batch: readonly NumberedRecord[],
  cursor: number,
  { bucket, key, dir }: DeliveryOptions,
): Promise<Progress> {
  const times = batch.map(({ record }) => record.eventTime).toSorted();
  const [oldest = "", newest = ""] = [times[0], times.at(-1)];
  const name = logFileKey(trail, progress.cursor, Date.parse(oldest));
  const content = Buffer.from(`{"Records":[${batch.map(({ json }) => json).join(",")}]}`);
  await bucket.put(trail.bucket, name, await compress(content), {});
  const file = { key: name, hash: hash("sha256", content, "hex"), newest, oldest };
  const files = trail.validated ? [...progress.files, file] : [];
  const after = { ...progress, bucket: trail.bucket, cursor, files };
  await writeProgress(dir, trail, key.chain, after);
  return after;
}

/** Its end is noted first, so that it has one name however often it is begun. */
async function writeDigest(trail: Trail, found: Progress, now: number, options: DeliveryOptions): Promise<void> {
  const { bucket, key, dir } = options;
  const end = found.closing ?? Math.floor(now / 1000) * 1000;
  const progress = { ...found, closing: end };
  await writeProgress(dir, trail, key.chain, progress);
  const name = digestKey(trail, end);
  const digest = digestOf(trail, progress, name, end, key.fingerprint);
  const content = Buffer.from(JSON.stringify(digest));
  const signature = key.sign(textToSign(digest, content)).toString("hex");
  await bucket.put(trail.bucket, name, await compress(content), {
    signature,
    "signature-algorithm": digest.digestSignatureAlgorithm,
  });
  const last = { bucket: trail.bucket, key: name, hash: hash("sha256", content, "hex"), signature };
  const { cursor } = progress;
  await writeProgress(dir, trail, key.chain, { bucket: trail.bucket, cursor, files: [], start: end, last });
}
