import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { Waiting, WholeAnswer, WholeRequest } from "../../base/http/whole.ts";
import { writeAnswer } from "./answer.ts";
import { quickHead, type QuickHead } from "./head.ts";

const HEAD_END = "\r\n\r\n";
/** Bytes that may arrive while a call runs, and that may wait to be sent: then the client is not read. */
const BACKLOG_BYTES = 64 * 1024;

export interface QuickOptions {
  /** Of a head; a longer one is left to node:http. */
  readonly headerBytes: number;
  readonly keepAliveMs: number;
  /** Whether a request is one for `handle`. */
  readonly takes: (head: QuickHead, socket: Socket) => boolean;
  readonly handle: (request: WholeRequest) => Promise<WholeAnswer>;
  /** What is not for this: the connection, with all that has been read of it put back, is somebody else's from now on. */
  readonly handOver: (socket: Socket) => void;
  readonly onFault: (error: unknown) => void;
}

/**
 * A connection whose requests have all come as one piece each, in the usual form, one after the other. With the first that
 * has not, the connection is handed over for good, before a byte of that request is used: so there is one reading of every
 * request, and everything about slow, large and strange ones is in one place, which is not this.
 */
export class QuickConnection {
  readonly #options: QuickOptions;
  readonly #socket: Socket;
  readonly #onData = (chunk: Buffer): void => this.#received(chunk);
  readonly #onEnd = (): void => this.#ended();
  readonly #onDrain = (): void => this.#drained();
  readonly #onClose = (): void => this.#closed();
  /** What has come after the request that is being answered. */
  #pending: Buffer | undefined;
  #paused = false;
  #stopping = false;
  #waiting: Caller | undefined;
  /** Of the last answer, or of the connection: monotonic ms. */
  quietSince = performance.now();
  /** Without any request so far. */
  fresh = true;

  constructor(socket: Socket, options: QuickOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setNoDelay(true);
    socket.on("data", this.#onData).on("end", this.#onEnd).on("drain", this.#onDrain).on("close", this.#onClose);
    // A client that hangs up; `close` follows.
    socket.on("error", ignore);
  }

  get busy(): boolean {
    return this.#waiting !== undefined;
  }

  /** The end of the connection, after the answer that is being made. */
  stop(): void {
    this.#stopping = true;
    if (!this.busy) this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #received(chunk: Buffer): void {
    if (!this.busy) return this.#take(chunk);
    this.#pending = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk]);
    if (this.#pending.length > BACKLOG_BYTES) this.#pause();
  }

  #take(bytes: Buffer): void {
    const end = bytes.indexOf(HEAD_END);
    if (end < 0 || end > this.#options.headerBytes) return this.#leave(bytes);
    const head = quickHead(bytes.toString("latin1", 0, end));
    const begin = end + HEAD_END.length;
    if (head === undefined || bytes.length < begin + head.length) return this.#leave(bytes);
    if (!this.#options.takes(head, this.#socket)) return this.#leave(bytes);
    const rest = begin + head.length;
    this.#pending = rest < bytes.length ? bytes.subarray(rest) : undefined;
    const waiting = new Caller();
    this.#waiting = waiting;
    this.fresh = false;
    const { method, url, headers, rawHeaders } = head;
    const body = bytes.subarray(begin, rest);
    this.#options.handle({ method, url, headers, rawHeaders, socket: this.#socket, body, waiting }).then(
      (answer) => this.#answer(waiting, answer),
      (error: unknown) => {
        this.#options.onFault(error);
        this.destroy();
      },
    );
  }

  #answer(waiting: Caller, answer: WholeAnswer): void {
    waiting.writableFinished = true;
    if (this.#waiting !== waiting) return;
    this.#waiting = undefined;
    writeAnswer(this.#socket, answer, this.#stopping ? undefined : this.#options.keepAliveMs);
    if (this.#stopping) return this.#socket.destroySoon();
    this.quietSince = performance.now();
    if (this.#socket.writableLength > BACKLOG_BYTES) return this.#pause();
    this.#goOn();
  }

  /** With the next request, if it has come already. */
  #goOn(): void {
    const bytes = this.#pending;
    this.#pending = undefined;
    if (this.#paused) {
      this.#paused = false;
      this.#socket.resume();
    }
    if (bytes !== undefined) this.#take(bytes);
  }

  #pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  #drained(): void {
    if (!this.busy) this.#goOn();
  }

  /** A client that sends no more takes no more either, as node:http has it: it has gone. */
  #ended(): void {
    this.#closed();
    this.#socket.destroySoon();
  }

  #closed(): void {
    const waiting = this.#waiting;
    this.#waiting = this.#pending = undefined;
    waiting?.gone();
  }

  #leave(bytes: Buffer): void {
    const socket = this.#socket;
    socket.off("data", this.#onData).off("end", this.#onEnd).off("drain", this.#onDrain).off("close", this.#onClose);
    socket.off("error", ignore);
    socket.pause();
    socket.unshift(bytes);
    this.#options.handOver(socket);
    socket.resume();
  }
}

function ignore(): void {}

/** Who waits for one answer. */
class Caller implements Waiting {
  destroyed = false;
  writableFinished = false;
  #emitter: EventEmitter | undefined;

  once(event: "close", then: () => void): void {
    (this.#emitter ??= new EventEmitter()).once(event, then);
  }

  gone(): void {
    this.destroyed = true;
    this.#emitter?.emit("close");
  }
}
