/** Makes calls until it is killed, and says which of them were answered. */
import { openAudit } from "../../src/security/audit/audit.ts";
import { openAuditKey } from "../../src/security/audit/key.ts";
import { defaults, someCall } from "./support.ts";

const [dir = "", keyFile = "", round = ""] = process.argv.slice(2);
const audit = await openAudit({
  dir,
  key: await openAuditKey(keyFile),
  defaults,
  limits: { segmentBytes: 20_000, totalBytes: 1024 ** 3, retentionMs: 1e12, waitingBytes: 1024 ** 2 },
  dataEvents: false,
  strangers: { perSecond: 1, burst: 1 },
  clock: Date.now,
  report: (error) => process.stderr.write(`${String(error)}\n`),
});

async function calls(line: number): Promise<never> {
  for (let index = 0; ; index += 1) {
    const requestId = `${round}-${line}-${index}`;
    await audit.calls.record(someCall({ requestId }));
    process.stdout.write(`${requestId}\n`);
  }
}

await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(calls));
