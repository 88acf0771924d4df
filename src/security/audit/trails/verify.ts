/**
 * Are the files of the trails what was delivered? Walks the digests of a bucket from the last one, which the sealed progress
 * of the trail names, to the first: signatures, hashes, and that nothing is missing, new or altered. For buckets that are
 * folders here; `aws cloudtrail validate-logs` does it for others.
 */
import { createPublicKey, hash, verify, type KeyObject } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { KilnError, messageOf, systemCode } from "../../../base/errors.ts";
import type { AuditKey } from "../key.ts";
import { METADATA } from "./directory-bucket.ts";
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

export async function verifyTrails(bucketsDir: string, dir: string, key: AuditKey): Promise<TrailVerification[]> {
  const publicKey = createPublicKey({ key: key.publicKey, format: "der", type: "pkcs1" });
  const verified: TrailVerification[] = [];
  for (const [trail, progress] of await allProgress(dir, key.chain)) {
    if (progress instanceof KilnError) {
      const finding = { problem: "altered", file: join(dir, trail), message: progress.message } as const;
      verified.push({ trail, digests: 0, files: 0, findings: [finding] });
    } else verified.push({ trail, ...(await verifyTrail(bucketsDir, trail, progress, publicKey)) });
  }
  return verified;
}

type Checked = Omit<TrailVerification, "trail">;

async function verifyTrail(root: string, trail: string, progress: Progress, publicKey: KeyObject): Promise<Checked> {
  const findings: TrailFinding[] = [];
  const known = new Set<string>();
  let files = 0;
  let digests = 0;

  async function checkFile(bucket: string, key: string, expected: string): Promise<void> {
    const file = join(root, bucket, key);
    known.add(file);
    const content = await contentOf(file, findings);
    if (content === undefined) return;
    if (hash("sha256", content, "hex") === expected) files += 1;
    else findings.push({ problem: "altered", file, message: "The file is not what was delivered." });
  }

  async function checkDigest(last: NonNullable<Progress["last"]>): Promise<Digest | undefined> {
    const file = join(root, last.bucket, last.key);
    known.add(file);
    const content = await contentOf(file, findings);
    if (content === undefined) return undefined;
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
    if ((await signatureBeside(file)) !== last.signature) {
      findings.push({ problem: "altered", file: file + METADATA, message: "The signature of the digest was changed." });
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
  if (last === undefined) findings.push(...(await strangers(root, trail, progress, known)));
  return { digests, files, findings };
}

function previousOf(digest: Digest): Progress["last"] {
  const { previousDigestS3Bucket: bucket, previousDigestS3Object: key } = digest;
  const { previousDigestHashValue: hashValue, previousDigestSignature: signature } = digest;
  if (bucket === null || key === null || hashValue === null || signature === null) return undefined;
  return { bucket, key, hash: hashValue, signature };
}

async function contentOf(file: string, findings: TrailFinding[]): Promise<Buffer | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    findings.push({ problem: "missing", file, message: "The file is not there." });
    return undefined;
  }
  try {
    return await unzip(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    findings.push({ problem: "altered", file, message: `The file cannot be read: ${messageOf(error)}` });
    return undefined;
  }
}

async function signatureBeside(file: string): Promise<string | undefined> {
  try {
    return (JSON.parse(await readFile(file + METADATA, "utf8")) as { signature?: string }).signature;
  } catch {
    // Gone or no JSON: either way it is not the signature.
    return undefined;
  }
}

/** Files beside the digests of this trail, and digests, that nobody has delivered. */
async function strangers(root: string, trail: string, progress: Progress, known: Set<string>): Promise<TrailFinding[]> {
  const [account = "", region = "", name = ""] = trail.split(/_(.*?)_(.*)/s);
  const digest = `${account}_CloudTrail-Digest_${region}_${name}_${region}_`;
  const findings: TrailFinding[] = [];
  const bucket = join(root, progress.bucket);
  let names: string[] = [];
  try {
    names = await readdir(bucket, { recursive: true });
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
  for (const path of names) {
    const base = path.slice(path.lastIndexOf("/") + 1);
    const file = join(bucket, path);
    if (!base.startsWith(digest) || !base.endsWith(".json.gz") || known.has(file)) continue;
    findings.push({ problem: "foreign", file, message: "No digest leads to this one." });
  }
  return findings;
}
