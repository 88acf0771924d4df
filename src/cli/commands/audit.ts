import type { Event } from "@aws-sdk/client-cloudtrail";
import { setTimeout as sleep } from "node:timers/promises";
import { withCloudTrail } from "../clients.ts";
import { FAILED, OK, connectionOptions, type Command } from "../command.ts";
import { stateDirectory } from "../endpoint.ts";
import { CommandError, UsageError } from "../errors.ts";
import type { Input } from "../input.ts";
import { table, type Terminal } from "../terminal.ts";

export const audit: Command = {
  summary: "Show who has called what, and verify the record of it.",
  usage: "list | tail | verify [options]",
  about: `list shows the newest calls that were recorded, tail shows those that come.

verify reads the audit log in the state directory and the files of trails, beside a running Kiln or without one, and tells
of every record and file that was altered, taken out, moved or cut off; its exit status is 1 when it finds any. It needs the
key of the audit (KILN_AUDIT_KEY_FILE, by default the name of the state directory with .audit.key behind it).`,
  options: {
    ...connectionOptions,
    limit: { value: "N", help: "list: how many, 1 to 1000. Default: 50." },
    event: { value: "NAME", help: "list, tail: only events of this name, for instance CreateFunction20150331." },
    user: { value: "NAME", help: "list, tail: only what this user, or session, has called." },
  },
  words: { least: 1, most: 1, name: "What to do (list, tail or verify)" },
  examples: [
    ["kiln audit list --user alice", "what alice has done"],
    ["kiln audit tail --json | jq -r .eventName", "the calls as they come, each as CloudTrail's record"],
    ["sudo kiln audit verify", "is every record what was written?"],
  ],

  async run(input, terminal) {
    const what = input.word();
    if (what === "verify") return verify(input, terminal);
    if (what === "list") return list(input, terminal);
    if (what === "tail") return tail(input, terminal);
    throw new UsageError(`There is no "kiln audit ${what}": there are list, tail and verify.`);
  },
};

const PAGE = 50;
/** What one look sees at most. */
const TAIL = 200;
/** ms between two looks. */
const TAIL_MS = 1000;

type Lookup = (most: number) => Promise<Event[]>;

/** Works with what looks events up, the newest first. */
async function withEvents<T>(input: Input, work: (lookup: Lookup) => Promise<T>): Promise<T> {
  const [event, user] = [input.text("event"), input.text("user")];
  if (event !== undefined && user !== undefined) throw new UsageError("--event and --user cannot be given together.");
  const value = event ?? user;
  const key = event === undefined ? "Username" : "EventName";
  const LookupAttributes = value === undefined ? [] : [{ AttributeKey: key, AttributeValue: value } as const];
  return withCloudTrail(input, (client, { LookupEventsCommand }) =>
    work(async (most) => {
      const found: Event[] = [];
      let NextToken: string | undefined;
      do {
        const MaxResults = Math.min(PAGE, most - found.length);
        const page = await client.send(new LookupEventsCommand({ LookupAttributes, MaxResults, NextToken }));
        found.push(...(page.Events ?? []));
        NextToken = page.NextToken;
      } while (NextToken !== undefined && found.length < most);
      return found;
    }),
  );
}

async function list(input: Input, terminal: Terminal): Promise<void> {
  const most = input.number("limit", 1, 1000) ?? PAGE;
  const events = await withEvents(input, (lookup) => terminal.progress("reading the records", () => lookup(most)));
  if (input.flag("json")) terminal.json(events.map(recordOf));
  else if (events.length === 0) terminal.note("There are no such records.");
  else terminal.print(table([["TIME", "USER", "SOURCE", "EVENT", "ERROR"], ...events.map(row)]));
}

async function tail(input: Input, terminal: Terminal): Promise<never> {
  return withEvents(input, async (lookup) => {
    let seen = new Set((await lookup(TAIL)).map(({ EventId }) => EventId));
    for (;;) {
      await sleep(TAIL_MS);
      const events = await lookup(TAIL);
      const before = seen;
      seen = new Set(events.map(({ EventId }) => EventId));
      for (const event of events.toReversed()) {
        // Its own looks are calls as well.
        if (before.has(event.EventId) || event.EventName === "LookupEvents") continue;
        terminal.print(input.flag("json") ? (event.CloudTrailEvent ?? "") : row(event).join("  "));
      }
    }
  });
}

function recordOf({ CloudTrailEvent = "{}" }: Event): Record<string, unknown> {
  return JSON.parse(CloudTrailEvent) as Record<string, unknown>;
}

function row(event: Event): string[] {
  const { errorCode } = recordOf(event);
  const time = event.EventTime?.toISOString().slice(0, 19).replace("T", " ") ?? "";
  const error = typeof errorCode === "string" ? errorCode : "";
  return [time, event.Username ?? "-", event.EventSource ?? "", event.EventName ?? "", error];
}

async function verify(input: Input, terminal: Terminal): Promise<number> {
  const { loadConfig } = await import("../../config/index.ts");
  const { logDirectory } = await import("../../security/audit/audit.ts");
  const { readAuditKey } = await import("../../security/audit/key.ts");
  const { verifyLog } = await import("../../security/audit/verify.ts");
  const { progressDirectory } = await import("../../security/audit/trails/progress.ts");
  const { openBuckets } = await import("../../security/audit/trails/open-buckets.ts");
  const { verifyTrails } = await import("../../security/audit/trails/verify.ts");
  const state = stateDirectory(input);
  const config = loadConfig({ state });
  const { keyFile, earlierKeyFile, witnessFile } = config.audit;
  const key = (await readAuditKey(keyFile)) ?? (await readAuditKey(earlierKeyFile));
  if (key === undefined) {
    throw new CommandError(`There is no key of the audit at ${keyFile}.`, "KILN_AUDIT_KEY_FILE says where it is.");
  }
  const log = await terminal.progress("verifying the log", () =>
    verifyLog(logDirectory(state), key.chain, witnessFile),
  );
  const buckets = await openBuckets(config);
  const trails = await terminal
    .progress("verifying the trails", () => verifyTrails(buckets, progressDirectory(state), key))
    .finally(() => buckets.close());
  const findings = [...log.findings, ...trails.flatMap((trail) => trail.findings)];
  const genuine = findings.length === 0;
  if (input.flag("json")) terminal.json({ genuine, log, trails });
  else {
    for (const { problem, file, message } of findings) terminal.print(`${problem}: ${message} (${file})`);
    const range = log.records === 0 ? "" : `, from ${log.from} to ${log.to}`;
    terminal.print(`log: ${log.records} records are what was written${range}; ${log.findings.length} findings.`);
    for (const { trail, digests, files, findings: ofTrail } of trails) {
      terminal.print(`trail ${trail}: ${files} files and ${digests} digests are genuine; ${ofTrail.length} findings.`);
    }
  }
  return genuine ? OK : FAILED;
}
