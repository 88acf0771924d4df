/**
 * Speaks to Firecracker's API socket: HTTP/1.1, JSON both ways. Firecracker answers 200 with a body, 204 without, or an
 * error whose body is `{"fault_message": "…"}` (firecracker.yaml, definition `Error`).
 *
 * The process that answers may belong to its guest by now: an answer is bounded in bytes and in time, and nothing that it
 * says is followed.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { KilnError, messageOf } from "../../../base/errors.ts";
import { http } from "../../../base/http/builtin.ts";

export type Method = "GET" | "PUT" | "PATCH";

export interface FirecrackerHttp {
  /**
   * The answer's JSON, undefined where it has none.
   * @throws KilnError `FIRECRACKER_REFUSED` with its `fault_message`; `FIRECRACKER_FAILED` where it gave no proper answer.
   */
  call(method: Method, path: string, body?: object, timeoutMs?: number): Promise<unknown>;
  /** Calls that are under way fail. Idempotent. */
  close(): void;
}

/** Longer than any request takes but snapshots, on a host that is busy. */
const TIMEOUT_MS = 10_000;
/** The longest proper answer is the full configuration of a VM: a few KB. */
const MOST_BYTES = 64 * 1024;
const MOST_HEADER_BYTES = 8 * 1024;
/** As much of a message as a person reads. */
const MOST_MESSAGE = 2048;

/** One request at a time on the one connection there is: the order of requests matters to Firecracker. */
class OneConnection extends http.Agent {
  #socket: Socket | undefined;

  constructor(socket: Socket) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#socket = socket;
  }

  override createConnection(
    _options: unknown,
    created?: (error: Error | null, socket: Duplex) => void,
  ): Duplex | undefined {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined || socket.destroyed) {
      // Node.js expects the error alone; its types say otherwise.
      const failed = created as ((error: Error) => void) | undefined;
      process.nextTick(() => failed?.(new Error("the connection is closed")));
      return undefined;
    }
    return socket;
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`an answer of more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`an answer that is no JSON: ${JSON.stringify(text.slice(0, 100))}`);
  }
}

function faultMessage(status: number, text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (
      typeof body === "object" &&
      body !== null &&
      "fault_message" in body &&
      typeof body.fault_message === "string"
    ) {
      return body.fault_message.slice(0, MOST_MESSAGE);
    }
  } catch {
    // Then the status has to do.
  }
  return `HTTP status ${status}`;
}

/** @param socket Connected to the API socket; from now on this client's. */
export function openFirecracker(socket: Socket): FirecrackerHttp {
  const agent = new OneConnection(socket);
  // Errors between requests: the next one tells.
  socket.on("error", () => undefined);
  let open = true;

  function send(method: Method, at: string, text: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = http.request(
        {
          method,
          path: at,
          agent,
          signal,
          maxHeaderSize: MOST_HEADER_BYTES,
          headers: {
            host: "localhost",
            accept: "application/json",
            ...(text === undefined
              ? {}
              : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
          },
        },
        resolve,
      );
      outgoing.once("error", reject);
      outgoing.end(text);
    });
  }

  return {
    async call(method, at, body, timeoutMs = TIMEOUT_MS) {
      if (!open) throw new KilnError("FIRECRACKER_FAILED", `${method} ${at}: the connection is closed`);
      // For the whole of it: one byte now and then is no answer either.
      const signal = AbortSignal.timeout(timeoutMs);
      let status: number;
      let text: string;
      try {
        const answer = await send(method, at, body && JSON.stringify(body), signal);
        status = answer.statusCode ?? 0;
        text = await textOf(answer);
        if (status === 204) return undefined;
        if (status === 200) return json(text);
      } catch (thrown) {
        const reason = signal.aborted ? `no answer within ${timeoutMs} ms` : messageOf(thrown);
        throw new KilnError("FIRECRACKER_FAILED", `${method} ${at}: ${reason}`, { cause: thrown });
      }
      throw new KilnError("FIRECRACKER_REFUSED", `${method} ${at}: ${faultMessage(status, text)}`);
    },
    close() {
      if (!open) return;
      open = false;
      agent.destroy();
      socket.destroy();
    },
  };
}
