import { readFile, writeFile } from "node:fs/promises";
import type { InvokeCommandOutput } from "@aws-sdk/client-lambda";
import { withLambda } from "../clients.ts";
import { connectionOptions, FAILED, OK, type Command } from "../command.ts";
import { CommandError, UsageError } from "../errors.ts";
import { errorOf, logOf, parsed } from "./invoke-answer.ts";
import { invokeStream } from "./invoke-stream.ts";

export const invoke: Command = {
  summary: "Call a function and print its answer.",
  usage: "NAME [options]",
  about: `The answer goes to stdout; the log and an error of the function go to stderr, and an error makes the exit
status 1. --json prints the answer together with what the API says about the call.`,
  options: {
    payload: { value: "JSON|@FILE|-", short: "p", help: "The event: JSON, a file, or - for stdin. Default: {}." },
    qualifier: { value: "VERSION", short: "q", help: "Version or alias. Default: $LATEST." },
    "log-tail": { short: "l", help: "Show the end of the log of this call (the last 4 KB)." },
    out: { value: "FILE", short: "o", help: "Write the answer to a file instead." },
    stream: { short: "s", help: "Print the answer while it arrives." },
    raw: { help: "Print exactly the bytes of the answer: no newline is added." },
    ...connectionOptions,
  },
  words: { least: 1, most: 1, name: "The name of the function" },
  examples: [
    [`kiln invoke hello --payload '{"name":"Ada"}'`, "call hello with an event"],
    ["kiln invoke thumbnail --payload @event.json --out answer.json", "from a file, into a file"],
    ["kiln invoke hello --log-tail", "with the log of the call"],
    ["kiln invoke chat --stream", "a function that streams its answer"],
  ],

  async run(input, terminal) {
    const name = input.word();
    const payload = await readPayload(input.text("payload") ?? "{}");
    if (input.flag("stream")) {
      if (input.flag("json")) throw new UsageError("--json prints an answer that is complete: leave out --stream.");
      return invokeStream(input, terminal, payload);
    }
    const answer = await withLambda(input, (client, { InvokeCommand }) =>
      terminal.progress(`waiting for ${name}`, () =>
        client.send(
          new InvokeCommand({
            FunctionName: name,
            Qualifier: input.text("qualifier"),
            Payload: payload,
            LogType: input.flag("log-tail") ? "Tail" : "None",
          }),
        ),
      ),
    );
    const bytes = answer.Payload ?? new Uint8Array();
    const out = input.text("out");
    if (out !== undefined) await writeFile(out, bytes);
    if (input.flag("json")) terminal.json(described(answer, out === undefined ? bytes : undefined));
    else {
      if (answer.LogResult !== undefined) terminal.note(logOf(answer.LogResult).trimEnd());
      if (out === undefined) terminal.write(input.flag("raw") ? bytes : Buffer.concat([bytes, Buffer.from("\n")]));
    }
    if (answer.FunctionError === undefined) return OK;
    terminal.note(`kiln: ${name} failed: ${errorOf(bytes)}`);
    if (!input.flag("log-tail")) terminal.note("      --log-tail shows the log of the call.");
    return FAILED;
  },
};

async function readPayload(text: string): Promise<Uint8Array> {
  const [bytes, from] = await payloadBytes(text);
  if (bytes.length === 0) return Buffer.from("{}");
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const hint = from === "--payload" ? ` In a shell, put single quotes around it: --payload '{"name":"you"}'` : "";
    throw new UsageError(`The payload (${from}) is not JSON: ${cause instanceof Error ? cause.message : ""}.${hint}`);
  }
  return bytes;
}

async function payloadBytes(text: string): Promise<[bytes: Uint8Array, from: string]> {
  if (text === "-") {
    if (process.stdin.isTTY) throw new CommandError("There is nothing on stdin: it is the terminal.", "Pipe JSON in.");
    return [Buffer.concat(await process.stdin.toArray()), "stdin"];
  }
  if (text.startsWith("@")) return [await readFile(text.slice(1)), text.slice(1)];
  return [Buffer.from(text), "--payload"];
}

function described(answer: InvokeCommandOutput, bytes: Uint8Array | undefined): Record<string, unknown> {
  return {
    StatusCode: answer.StatusCode,
    ExecutedVersion: answer.ExecutedVersion,
    FunctionError: answer.FunctionError,
    Payload: bytes === undefined ? undefined : parsed(bytes),
    Log: answer.LogResult === undefined ? undefined : logOf(answer.LogResult),
  };
}
