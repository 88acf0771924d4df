import { performance } from "node:perf_hooks";
import type { Socket } from "node:net";
import { writeLarge } from "../../../base/memory.ts";
import { replyHead, type Reply } from "./reply.ts";

/** Up to this size a body is copied behind its head, to be one write. */
const SMALL_BODY_BYTES = 16 * 1024;
/**
 * ms that an answer which its client does not wait for is held back, to go out with the next one: a write to a socket is
 * about a fifth of what a short call costs, and wakes the runtime for nothing.
 */
const HOLD_MS = 10;

/** Writes the answers of one connection, in their order. */
export class ReplyWriter {
  readonly #socket: Socket;
  #held = "";
  /** Monotonic ms. */
  #heldAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(reply: Reply, keepAlive: boolean): void {
    const head = this.#held + replyHead(reply, keepAlive);
    this.#held = "";
    const socket = this.#socket;
    if (typeof reply.body === "string") socket.write(head + reply.body);
    else if (reply.body.length <= SMALL_BODY_BYTES) socket.write(joined(head, reply.body));
    else {
      socket.cork();
      socket.write(head, "latin1");
      writeLarge(socket, reply.body);
      socket.uncork();
    }
  }

  /** The client has sent its next request already: it has not waited for this. */
  hold(reply: Reply, body: string): void {
    this.#held += replyHead(reply, true) + body;
    this.#heldAt = performance.now();
    this.#timer ??= setTimeout(() => this.#look(), HOLD_MS).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#held = "";
  }

  /** One timer for many answers: setting one up for each would cost more than the rest. */
  #look(): void {
    this.#timer = undefined;
    if (this.#held === "") return;
    const leftMs = HOLD_MS - (performance.now() - this.#heldAt);
    if (leftMs > 0) {
      this.#timer = setTimeout(() => this.#look(), Math.ceil(leftMs)).unref();
      return;
    }
    this.#socket.write(this.#held);
    this.#held = "";
  }
}

/** One packet for head and body, which spares a system call. */
function joined(head: string, body: Uint8Array): Buffer {
  const packet = Buffer.allocUnsafe(head.length + body.length);
  packet.write(head, "latin1");
  packet.set(body, head.length);
  return packet;
}
