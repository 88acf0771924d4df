import type * as LambdaSdk from "@aws-sdk/client-lambda";
import { withLambda, withLogs } from "../clients.ts";
import { connectionOptions, type Command } from "../command.ts";
import { readSince } from "../duration.ts";
import { CommandError } from "../errors.ts";
import type { Event } from "../logs/events.ts";

const DEFAULT_LINES = 200;

export const logs: Command = {
  summary: "Show what a function has logged.",
  usage: "NAME [options]",
  about: `Without --since the last ${DEFAULT_LINES} events are shown. --follow goes on until Ctrl-C; with --json it prints one
object per line.`,
  options: {
    follow: { short: "f", help: "Go on with what comes in." },
    since: { value: "TIME", short: "s", help: "From then on: 90s, 10m, 2h, 1d ago, or 2026-01-31T12:00:00Z." },
    lines: {
      value: "N",
      short: "n",
      help: `At most the last N events, 0 to 10000. Default: ${DEFAULT_LINES}, with --since all.`,
    },
    ...connectionOptions,
  },
  words: { least: 1, most: 1, name: "The name of the function" },
  examples: [
    ["kiln logs hello --follow", "watch what hello logs"],
    ["kiln logs hello --since 10m", "everything of the last ten minutes"],
  ],

  async run(input, terminal) {
    const name = input.word();
    const since = input.text("since");
    const began = Date.now();
    const start = since === undefined ? undefined : readSince(since, began);
    const lines = input.number("lines", 0, 10_000) ?? (start === undefined ? DEFAULT_LINES : undefined);
    const follow = input.flag("follow");
    const found = await withLambda(input, (client, sdk) => findGroup(client, sdk, name));

    const { followEvents, readEvents } = await import("../logs/events.ts");
    await withLogs(input, async (client) => {
      const events = await terminal.progress("reading the log", () =>
        readEvents(client, { group: found.group, start, lines: lines === undefined ? undefined : Math.max(1, lines) }),
      );
      if (events === undefined && !found.exists) {
        throw new CommandError(`There is no function ${name}, and no log of one.`, "`kiln list` shows the functions.");
      }
      if (events === undefined) terminal.note(`${name} has not logged anything yet.`);
      const show = (event: Event): void => {
        if (!input.flag("json")) terminal.print(event.message.trimEnd());
        else if (follow) terminal.print(JSON.stringify(event));
      };
      // With --lines 0 the last event is read, to know where to go on, and not shown.
      const shown = lines === 0 ? [] : (events ?? []);
      for (const event of shown) show(event);
      if (input.flag("json") && !follow) terminal.json(shown);
      if (!follow) return;
      await followEvents(client, { group: found.group, last: events?.at(-1), start: start ?? began }, show);
    });
  },
};

/** The function's log group; a deleted function's logs are in the default one. */
async function findGroup(
  client: LambdaSdk.LambdaClient,
  { GetFunctionConfigurationCommand }: typeof LambdaSdk,
  name: string,
): Promise<{ group: string; exists: boolean }> {
  const fallback = `/aws/lambda/${name}`;
  try {
    const { LoggingConfig } = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    return { group: LoggingConfig?.LogGroup ?? fallback, exists: true };
  } catch (thrown) {
    if (!(thrown instanceof Error) || thrown.name !== "ResourceNotFoundException") throw thrown;
    return { group: fallback, exists: false };
  }
}
