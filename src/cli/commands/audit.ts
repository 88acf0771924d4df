import { FAILED, OK, connectionOptions, type Command } from "../command.ts";
import { stateDirectory } from "../endpoint.ts";
import { CommandError, UsageError } from "../errors.ts";
import type { Input } from "../input.ts";
import type { Terminal } from "../terminal.ts";

export const audit: Command = {
  summary: "Verify the record of all calls.",
  usage: "verify [options]",
  about: `verify reads the audit log in the state directory, beside a running Kiln or without one, and tells of every
record that was altered, taken out, moved or cut off; its exit status is 1 when it finds any. It needs the key of the
audit (KILN_AUDIT_KEY_FILE, or audit.key in the state directory).`,
  options: { ...connectionOptions },
  words: { least: 1, most: 1, name: "What to do (verify)" },
  examples: [["sudo kiln audit verify", "is every record what was written?"]],

  async run(input, terminal) {
    const what = input.word();
    if (what === "verify") return verify(input, terminal);
    throw new UsageError(`There is no "kiln audit ${what}": there is verify.`);
  },
};

async function verify(input: Input, terminal: Terminal): Promise<number> {
  const { loadConfig } = await import("../../config/index.ts");
  const { logDirectory } = await import("../../security/audit/audit.ts");
  const { readAuditKey } = await import("../../security/audit/key.ts");
  const { verifyLog } = await import("../../security/audit/verify.ts");
  const state = stateDirectory(input);
  const { keyFile } = loadConfig({ state }).audit;
  const key = await readAuditKey(keyFile);
  if (key === undefined) {
    throw new CommandError(`There is no key of the audit at ${keyFile}.`, "KILN_AUDIT_KEY_FILE says where it is.");
  }
  const log = await terminal.progress("verifying the log", () => verifyLog(logDirectory(state), key.chain));
  const genuine = log.findings.length === 0;
  if (input.flag("json")) terminal.json({ genuine, log });
  else {
    for (const { problem, file, message } of log.findings) terminal.print(`${problem}: ${message} (${file})`);
    const range = log.records === 0 ? "" : `, from ${log.from} to ${log.to}`;
    terminal.print(`${log.records} records are what was written${range}; ${log.findings.length} findings.`);
  }
  return genuine ? OK : FAILED;
}
