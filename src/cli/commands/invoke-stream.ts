/** `kiln invoke --stream`: the answer is written while it arrives. */
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import type { InvokeWithResponseStreamCompleteEvent } from "@aws-sdk/client-lambda";
import { withLambda } from "../clients.ts";
import { FAILED, OK } from "../command.ts";
import { CommandError } from "../errors.ts";
import type { Input } from "../input.ts";
import type { Terminal } from "../terminal.ts";
import { errorOf, logOf } from "./invoke-answer.ts";

export async function invokeStream(input: Input, terminal: Terminal, payload: Uint8Array): Promise<number> {
  const name = input.word();
  const target = targetOf(input.text("out"), terminal);
  const complete = await withLambda(input, async (client, { InvokeWithResponseStreamCommand }) => {
    const answer = await terminal.progress(`waiting for ${name}`, () =>
      client.send(
        new InvokeWithResponseStreamCommand({
          FunctionName: name,
          Qualifier: input.text("qualifier"),
          Payload: payload,
          LogType: input.flag("log-tail") ? "Tail" : "None",
        }),
      ),
    );
    let end: InvokeWithResponseStreamCompleteEvent | undefined;
    for await (const { PayloadChunk, InvokeComplete } of answer.EventStream ?? []) {
      if (PayloadChunk?.Payload !== undefined) await target.write(PayloadChunk.Payload);
      end = InvokeComplete ?? end;
    }
    return end;
  });
  if (complete === undefined)
    throw new CommandError(`The answer of ${name} broke off.`, "The server's output says more.");
  if (target.terminal && !input.flag("raw")) await target.write(Buffer.from("\n"));
  await target.end();
  if (complete.LogResult !== undefined) terminal.note(logOf(complete.LogResult).trimEnd());
  if (complete.ErrorCode === undefined) return OK;
  terminal.note(`kiln: ${name} failed: ${complete.ErrorCode}: ${errorOf(Buffer.from(complete.ErrorDetails ?? ""))}`);
  if (!input.flag("log-tail")) terminal.note("      --log-tail shows the log of the call.");
  return FAILED;
}

interface Target {
  terminal: boolean;
  /** Resolves when more may come. */
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
}

function targetOf(out: string | undefined, terminal: Terminal): Target {
  if (out === undefined) {
    return { terminal: true, write: (bytes) => terminal.writePiece(bytes), end: async () => undefined };
  }
  const file = createWriteStream(out);
  // Who awaits a write or the end gets it.
  file.on("error", () => undefined);
  return {
    terminal: false,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        file.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    end: () => finished(file.end()),
  };
}
