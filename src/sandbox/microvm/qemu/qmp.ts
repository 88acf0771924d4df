/**
 * QEMU's machine protocol (docs/interop/qmp-spec.txt): JSON in lines. The peer may be a guest that broke out: lines are
 * bounded, and nothing of what it says is taken for more than an answer.
 */
import type { Socket } from "node:net";
import { KilnError } from "../../../base/errors.ts";

export interface Qmp {
  /** @param send Instead of a plain write. */
  execute(
    command: string,
    args?: Readonly<Record<string, unknown>>,
    send?: (line: Uint8Array) => void,
  ): Promise<unknown>;
  /** Resolves with the next event of that name. */
  event(name: string): Promise<unknown>;
  close(): void;
}

const LONGEST_LINE = 256 * 1024;

interface Message {
  return?: unknown;
  error?: { desc?: unknown };
  event?: unknown;
  data?: unknown;
  QMP?: unknown;
}

function parse(line: string): Message {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function failed(reason: string): KilnError {
  return new KilnError("VMM_FAILED", `QEMU failed: ${reason}`);
}

/** Resolves when QEMU takes commands. */
export async function openQmp(socket: Socket): Promise<Qmp> {
  const greeted = Promise.withResolvers<void>();
  const answers: PromiseWithResolvers<unknown>[] = [];
  const events = new Map<string, PromiseWithResolvers<unknown>>();
  let over: Error | undefined;
  let rest = "";

  function end(error: Error): void {
    over ??= error;
    socket.destroy();
    greeted.reject(error);
    for (const { reject } of [...answers.splice(0), ...events.values()]) reject(error);
    events.clear();
  }

  function heard(message: Message): void {
    if (message.QMP !== undefined) greeted.resolve();
    else if (typeof message.event === "string") {
      events.get(message.event)?.resolve(message.data);
      events.delete(message.event);
    } else if (message.error !== undefined) answers.shift()?.reject(failed(String(message.error.desc).slice(0, 1024)));
    else if ("return" in message) answers.shift()?.resolve(message.return);
  }

  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE) end(failed("it says too much."));
    for (const line of lines) heard(parse(line));
  });
  socket.on("error", (error) => end(failed(error.message)));
  socket.on("close", () => end(failed("it has ended.")));

  const qmp: Qmp = {
    execute(command, args, send = (line) => void socket.write(line)) {
      if (over !== undefined) return Promise.reject(over);
      send(Buffer.from(`${JSON.stringify({ execute: command, ...(args && { arguments: args }) })}\n`));
      const answer = Promise.withResolvers<unknown>();
      answers.push(answer);
      return answer.promise;
    },
    event(name) {
      const waiting = events.get(name) ?? Promise.withResolvers<unknown>();
      events.set(name, waiting);
      waiting.promise.catch(() => undefined);
      if (over !== undefined) waiting.reject(over);
      return waiting.promise;
    },
    close: () => end(failed("it was let go of.")),
  };
  await greeted.promise;
  await qmp.execute("qmp_capabilities");
  return qmp;
}
