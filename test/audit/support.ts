/** An audit on a directory of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { openAudit, type AuditOptions } from "../../src/security/audit/audit.ts";
import type { Audit, AuditRecord } from "../../src/security/audit/contract.ts";
import { openAuditKey, type AuditKey } from "../../src/security/audit/key.ts";
import type { AuditedCall } from "../../src/wire/contract.ts";

export const account = "123456789012";
export const defaults = { account, region: "us-east-1" };

export interface AuditPlace {
  readonly dir: string;
  readonly key: AuditKey;
  /** The copy of the log's head outside of the state directory. */
  readonly witness: string;
  /** What the operator was told. */
  readonly reports: unknown[];
  /** Opens it, again and again; the last one is closed with the test. */
  open(options?: Partial<AuditOptions>): Promise<Audit>;
}

export async function auditPlace(context: TestContext): Promise<AuditPlace> {
  const root = await mkdtemp(join(tmpdir(), "kiln-audit-"));
  const dir = join(root, "log");
  const witness = join(root, "audit.seen");
  const key = await openAuditKey(join(root, "audit.key"));
  const reports: unknown[] = [];
  let isNew = true;
  let opened: Audit | undefined;
  context.after(async () => {
    await opened?.close();
    await rm(root, { recursive: true, force: true });
  });
  return {
    dir,
    key,
    witness,
    reports,
    async open(options = {}) {
      await opened?.close();
      opened = await openAudit({
        dir,
        key: { ...key, isNew },
        witness,
        defaults,
        limits: {
          segmentBytes: 4 * 1024 * 1024,
          totalBytes: 1024 ** 3,
          retentionMs: 1e12,
          waitingBytes: 16 * 1024 * 1024,
        },
        dataEvents: false,
        strangers: { perSecond: 10, burst: 100 },
        clock: Date.now,
        report: (error) => void reports.push(error),
        ...options,
      });
      isNew = false;
      return opened;
    },
  };
}

/** One that changes something, by the root. */
export function someCall(more: Partial<AuditedCall> = {}): AuditedCall {
  return {
    requestId: "6f5c3d5e-0000-4000-8000-000000000000",
    service: "lambda",
    operation: "DeleteFunction",
    caller: {
      kind: "root",
      account,
      userId: account,
      arn: `arn:aws:iam::${account}:root`,
      accessKeyId: "AKIAEXAMPLE",
      region: "eu-central-1",
    },
    claimed: undefined,
    receivedAt: Date.parse("2026-11-23T10:00:00Z"),
    sourceIp: "192.0.2.7",
    userAgent: "aws-cli/2",
    host: "127.0.0.1",
    tls: undefined,
    error: undefined,
    parameters: () => ({ functionName: "f" }),
    elements: () => ({}),
    ...more,
  };
}

export async function recordsOf(audit: Audit): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const { record } of audit.log.forwards(1)) records.push(record);
  return records;
}
