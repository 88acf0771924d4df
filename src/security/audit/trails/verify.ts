/**
 * Are the files of the trails what was delivered? Walks the digests of a bucket from the last one, which the sealed progress
 * of the trail names, to the first: signatures, hashes, and that nothing is missing, new or altered.
 */
import { createPublicKey, hash, verify, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { KilnError, messageOf } from "../../../base/errors.ts";
import type { AuditKey } from "../key.ts";
import type { Bucket } from "./contract.ts";
import { textToSign, type Digest } from "./digest.ts";
import { allProgress, type Progress } from "./progress.ts";

export interface TrailFinding {
  readonly problem: "altered" | "missing" | "foreign";
  readonly file: string;
  readonly message: string;
}

export interface TrailVerification {
  readonly trail: string;
  readonly digests: number;
  /** Files that a digest or the progress names, and that are what was delivered. */
  readonly files: number;
  readonly findings: readonly TrailFinding[];
}

const unzip = promisify(gunzip);
/** Of a file without its compression: more than Kiln writes. */
const MAX_BYTES = 64 * 1024 * 1024;

/** `dir`: of the progress of the trails. Rejects when a bucket cannot be read. */
export async function verifyTrails(buckets: Bucket, dir: string, key: AuditKey): Promise<TrailVerification[]> {
  const publicKey = createPublicKey({ key: key.publicKey, format: "der", type: "pkcs1" });
  const verified: TrailVerification[] = [];
  for (const [trail, progress] of await allProgress(dir, key.chain)) {
    if (progress instanceof KilnError) {
      const finding = { problem: "altered", file: join(dir, trail), message: progress.message } as const;
      verified.push({ trail, digests: 0, files: 0, findings: [finding] });
    } else verified.push({ trail, ...(await verifyTrail(buckets, trail, progress, publicKey)) });
  }
  return verified;
}

type Checked = Omit<TrailVerification, "trail">;

async function verifyTrail(buckets: Bucket, trail: string, progress: Progress, publicKey: KeyObject): Promise<Checked> {
  const findings: TrailFinding[] = [];
  const known = new Set<string>();
  let files = 0;
  let digests = 0;

  async function checkFile(bucket: string, key: string, expected: string): Promise<void> {
    known.add(`${bucket}/${key}`);
    const file = buckets.nameOf(bucket, key);
    const { content } = (await contentOf(buckets, bucket, key, findings)) ?? {};
    if (content === undefined) return;
    if (hash("sha256", content, "hex") === expected) files += 1;
    else findings.push({ problem: "altered", file, message: "The file is not what was delivered." });
  }

  async function checkDigest(last: NonNullable<Progress["last"]>): Promise<Digest | undefined> {
    known.add(`${last.bucket}/${last.key}`);
    const file = buckets.nameOf(last.bucket, last.key);
    const found = await contentOf(buckets, last.bucket, last.key, findings);
    if (found === undefined) return undefined;
    const { content, metadata } = found;
    const digest = JSON.parse(content.toString("utf8")) as Digest;
    const signed = verify(
      "sha256",
      Buffer.from(textToSign(digest, content)),
      publicKey,
      Buffer.from(last.signature, "hex"),
    );
    if (hash("sha256", content, "hex") !== last.hash || !signed) {
      findings.push({ problem: "altered", file, message: "The digest is not what was signed." });
      return undefined;
    }
    if (metadata["signature"] !== last.signature) {
      findings.push({ problem: "altered", file, message: "The signature beside the digest was changed." });
    }
    digests += 1;
    return digest;
  }

  for (const { key, hash: expected } of progress.files) await checkFile(progress.bucket, key, expected);
  let last = progress.last;
  while (last !== undefined) {
    const digest = await checkDigest(last);
    if (digest === undefined) break;
    for (const file of digest.logFiles) await checkFile(file.s3Bucket, file.s3Object, file.hashValue);
    last = previousOf(digest);
  }
  if (last === undefined) findings.push(...(await strangers(buckets, trail, progress, known)));
  return { digests, files, findings };
}

function previousOf(digest: Digest): Progress["last"] {
  const { previousDigestS3Bucket: bucket, previousDigestS3Object: key } = digest;
  const { previousDigestHashValue: hashValue, previousDigestSignature: signature } = digest;
  if (bucket === null || key === null || hashValue === null || signature === null) return undefined;
  return { bucket, key, hash: hashValue, signature };
}

async function contentOf(
  buckets: Bucket,
  bucket: string,
  key: string,
  findings: TrailFinding[],
): Promise<{ content: Buffer; metadata: Readonly<Record<string, string>> } | undefined> {
  const file = buckets.nameOf(bucket, key);
  const found = await buckets.get(bucket, key);
  if (found === undefined) {
    findings.push({ problem: "missing", file, message: "The file is not there." });
    return undefined;
  }
  try {
    return { content: await unzip(found.bytes, { maxOutputLength: MAX_BYTES }), metadata: found.metadata };
  } catch (error) {
    findings.push({ problem: "altered", file, message: `The file cannot be read: ${messageOf(error)}` });
    return undefined;
  }
}

/** Digests of this trail that nobody has delivered. */
async function strangers(
  buckets: Bucket,
  trail: string,
  { bucket }: Progress,
  known: ReadonlySet<string>,
): Promise<TrailFinding[]> {
  const [account = "", region = "", name = ""] = trail.split(/_(.*?)_(.*)/s);
  const digest = `${account}_CloudTrail-Digest_${region}_${name}_${region}_`;
  const findings: TrailFinding[] = [];
  for await (const key of buckets.list(bucket)) {
    const base = key.slice(key.lastIndexOf("/") + 1);
    if (!base.startsWith(digest) || !base.endsWith(".json.gz") || known.has(`${bucket}/${key}`)) continue;
    findings.push({ problem: "foreign", file: buckets.nameOf(bucket, key), message: "No digest leads to this one." });
  }
  return findings;
}
