import type { Socket } from "node:net";
import { free } from "../../../base/memory.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { createBodyCollector, type BodyCollector } from "./body-collector.ts";
import { chunkedBody, fixedBody, NO_TRAILERS, type BodyReader } from "./body.ts";
import type { HttpLimits } from "./limits.ts";
import type { BodyPlan, Plan, Router, StreamPlan, WaitPlan } from "./plan.ts";
import { createStreamIntake, type StreamIntake } from "./stream-intake.ts";
import type { Reply } from "./reply.ts";
import { ReplyWriter } from "./reply-writer.ts";
import { parseHead, type HeadRefusal, type RequestHead } from "./request-head.ts";
import type { WastedWork } from "./wasted-work.ts";

const HEAD_END = "\r\n\r\n";
/** A request line longer than this is none: garbage is refused early. */
const REQUEST_LINE_BYTES = 16 * 1024;
/** Unsent bytes at which a connection is not read until its peer has read. */
const BACKLOG_BYTES = 64 * 1024;
/** Heads up to this size are known again. */
const KNOWN_HEAD_BYTES = 1024;
/** A head over this size needs the environment's one place for large heads. */
const SMALL_HEAD_BYTES = 64 * 1024;

export interface ConnectionOptions {
  socket: Socket;
  route: Router;
  limits: HttpLimits;
  wasted: WastedWork;
  /** Shared by the connections of an environment: who reads a large head now. */
  largeHead: { holder: Connection | undefined };
  closed(connection: Connection): void;
}

/**
 * One connection: requests are read one after the other, also when they are pipelined, and answered in order. Nothing
 * here has a timer unless the peer wastes work: a slow or silent peer costs its buffers, which are bounded.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #replies: ReplyWriter;
  readonly #input = new ByteBuffer();
  /** Bytes of the input that are known not to hold the end of the head. */
  #scanned = 0;
  #state: "head" | "body" | "waiting" | "closed" = "head";
  #paused = false;
  /** The body is not read: whoever it is handed on to takes no more now. */
  #held = false;
  #processing = false;
  #head: RequestHead | undefined;
  /** The last head without a body that has been read. */
  #known: { readonly text: string; readonly head: RequestHead } | undefined;
  #body: BodyReader | undefined;
  #bodyPlan: BodyPlan | StreamPlan | undefined;
  #collector: BodyCollector | undefined;
  #intake: StreamIntake | undefined;
  #discarded = 0;
  /** What to do when a body that is thrown away has ended. */
  #afterDiscard: Reply | WaitPlan | undefined;
  #waiting: WaitPlan | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#replies = new ReplyWriter(options.socket);
    const { socket } = options;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    // A reset or a broken pipe is how function code hangs up; `close` follows and does what is needed.
    socket.on("error", () => undefined);
    socket.on("drain", () => this.#resume());
    socket.on("close", () => this.#ended());
  }

  destroy(): void {
    this.#socket.destroy();
    this.#ended();
  }

  #received(chunk: Buffer): void {
    if (this.#state === "closed") return;
    this.#input.append(chunk);
    this.#process();
    // What has been read of it has been copied.
    if (this.#input.length === 0) free(chunk);
  }

  #process(): void {
    // A reply that is sent while a request is being read must not start reading the next one from inside.
    if (this.#processing) return;
    this.#processing = true;
    while (this.#input.length > 0 && !this.#paused) {
      if (this.#state === "head") {
        if (!this.#readHead()) break;
      } else if (this.#state === "body") this.#readBody();
      else {
        if (this.#input.length > this.#options.limits.waitingBytes) this.destroy();
        break;
      }
    }
    this.#processing = false;
  }

  #readHead(): boolean {
    const bytes = this.#input.view();
    if (this.#scanned === 0 && bytes[0] === 13 && (bytes.length === 1 || bytes[1] === 10)) {
      // An empty line before a request is ignored: RFC 9112, section 2.2.
      if (bytes.length === 1) return false;
      this.#input.consume(2);
      return true;
    }
    const end = bytes.indexOf(HEAD_END, this.#scanned, "latin1");
    const { headBytes, headerCount } = this.#options.limits;
    if (end === -1 ? bytes.length > headBytes : end > headBytes) return this.#refuse({ status: 431, why: "too long" });
    if (end === -1) {
      if (
        bytes.length > REQUEST_LINE_BYTES &&
        bytes.subarray(0, REQUEST_LINE_BYTES).indexOf("\r\n", 0, "latin1") === -1
      )
        return this.#refuse({ status: 400, why: "request line too long" });
      if (bytes.length > SMALL_HEAD_BYTES && !this.#largeHead(true)) return this.#refuse({ status: 431, why: "busy" });
      this.#scanned = Math.max(0, bytes.length - (HEAD_END.length - 1));
      return false;
    }
    this.#largeHead(false);
    const head = this.#parsed(bytes.toString("latin1", 0, end), headerCount);
    this.#input.consume(end + HEAD_END.length);
    this.#scanned = 0;
    if ("status" in head) return this.#refuse(head);
    this.#begin(head, this.#options.route(head));
    return true;
  }

  /** Every second request of a runtime is the one for the next event, word for word. */
  #parsed(text: string, headerCount: number): RequestHead | HeadRefusal {
    if (this.#known?.text === text) return this.#known.head;
    const head = parseHead(text, headerCount);
    if (!("status" in head) && head.body === 0 && text.length <= KNOWN_HEAD_BYTES) this.#known = { text, head };
    return head;
  }

  /** Takes or gives back the place for a large head; false when another connection has it. */
  #largeHead(wanted: boolean): boolean {
    const { largeHead } = this.#options;
    if (wanted) largeHead.holder ??= this;
    else if (largeHead.holder === this) largeHead.holder = undefined;
    return largeHead.holder === this;
  }

  #begin(head: RequestHead, plan: Plan): void {
    this.#head = head;
    const hasBody = head.body !== 0;
    if (plan.kind === "body") this.#beginBody(head, plan);
    else if (plan.kind === "stream") this.#beginStream(head, plan);
    else if (!hasBody) this.#finish(plan.kind === "reply" ? plan.reply : plan);
    else this.#discard(head, plan.kind === "reply" ? plan.reply : plan);
  }

  #beginBody(head: RequestHead, plan: BodyPlan): void {
    if (typeof head.body === "number" && head.body > plan.limitBytes) {
      this.#discard(head, plan.tooLarge());
      return;
    }
    if (head.body === 0) {
      this.#finish(plan.done(Buffer.alloc(0), NO_TRAILERS));
      return;
    }
    if (head.expectContinue) this.#socket.write("HTTP/1.1 100 Continue\r\n\r\n");
    else if (typeof head.body === "number" && this.#input.length >= head.body) {
      // The usual case: it has come with its head. A copy, because the input's memory is not ours to keep.
      const body = Buffer.from(this.#input.view().subarray(0, head.body));
      this.#input.consume(head.body);
      this.#finish(plan.done(body, NO_TRAILERS));
      return;
    }
    this.#bodyPlan = plan;
    this.#collector = createBodyCollector(plan.limitBytes, typeof head.body === "number" ? head.body : 1024);
    this.#body = this.#reader(head, (bytes) => this.#collect(bytes));
    this.#state = "body";
  }

  #beginStream(head: RequestHead, plan: StreamPlan): void {
    plan.begin(() => {
      this.#held = false;
      this.#resume();
    });
    if (head.body === 0) {
      this.#finish(plan.done(new Map()));
      return;
    }
    if (head.expectContinue) this.#socket.write("HTTP/1.1 100 Continue\r\n\r\n");
    this.#bodyPlan = plan;
    const intake = createStreamIntake(plan);
    this.#intake = intake;
    this.#body = this.#reader(head, (bytes) => {
      if (this.#bodyPlan === undefined) this.#discarded += bytes.length;
      else intake.add(bytes);
    });
    this.#state = "body";
  }

  /** What one read of the socket has brought goes on in one piece. */
  #handOn(): void {
    const plan = this.#bodyPlan;
    if (this.#intake === undefined || plan === undefined) return;
    const { takesMore, tooMuch } = this.#intake.handOn();
    if (tooMuch > 0) {
      this.#discarded = tooMuch;
      this.#afterDiscard = plan.tooLarge();
      this.#bodyPlan = undefined;
    } else if (!takesMore) {
      this.#held = true;
      this.#pause();
    }
  }

  #collect(bytes: Buffer): void {
    if (this.#collector === undefined) {
      this.#discarded += bytes.length;
    } else if (!this.#collector.add(bytes)) {
      this.#collector = undefined;
      this.#discarded = bytes.length;
      this.#afterDiscard = this.#bodyPlan?.tooLarge();
      this.#bodyPlan = undefined;
    }
  }

  /** A client that waits for `100 Continue` is told at once; whether it sends its body then is not known, so: close. */
  #discard(head: RequestHead, then: Reply | WaitPlan): void {
    this.#discarded = 0;
    const length = typeof head.body === "number" ? head.body : 0;
    if (head.expectContinue || length > this.#options.limits.discardBytes) {
      this.#head = { ...head, keepAlive: false };
      this.#finish(then);
      return;
    }
    this.#afterDiscard = then;
    this.#body = this.#reader(head, (bytes) => {
      this.#discarded += bytes.length;
    });
    this.#state = "body";
  }

  #reader(head: RequestHead, sink: (bytes: Buffer) => void): BodyReader {
    return head.body === "chunked" ? chunkedBody(sink) : fixedBody(head.body, sink);
  }

  #readBody(): void {
    const body = this.#body;
    if (body === undefined) return;
    const used = body.push(this.#input.view());
    this.#handOn();
    this.#input.consume(used);
    if (body.refused !== undefined) {
      this.#bodyPlan?.aborted();
      this.#bodyPlan = undefined;
      this.#refuse({ status: 400, why: body.refused });
    } else if (this.#discarded > this.#options.limits.discardBytes) {
      this.destroy();
    } else if (body.done) {
      const plan = this.#bodyPlan;
      const then = this.#afterDiscard;
      this.#body = this.#bodyPlan = this.#afterDiscard = undefined;
      const collected = this.#collector?.take();
      this.#collector = this.#intake = undefined;
      this.#discarded = 0;
      // The body is whole: whether its last piece has been taken does not concern the next request.
      this.#release();
      if (then !== undefined) this.#finish(then);
      else if (plan?.kind === "stream") this.#finish(plan.done(body.trailers));
      else if (plan !== undefined && collected !== undefined) this.#finish(plan.done(collected, body.trailers));
    }
  }

  #finish(then: Reply | WaitPlan): void {
    if (!("kind" in then)) {
      this.#send(then, then.status >= 400);
      return;
    }
    this.#state = "waiting";
    this.#waiting = then;
    then.start((reply) => {
      if (this.#waiting !== then) return;
      this.#waiting = undefined;
      this.#send(reply, then.wasted);
    });
  }

  #refuse(refusal: HeadRefusal): false {
    const reply: Reply = { status: refusal.status, contentType: "text/plain", body: `${refusal.why}\n` };
    this.#head = undefined;
    this.#send(reply, true);
    return false;
  }

  /** Writes the answer of the current request and goes on to the next one, or hangs up. */
  #send(reply: Reply, wasted: boolean): void {
    if (this.#state === "closed") return;
    const keepAlive = this.#head?.keepAlive ?? false;
    const { body } = reply;
    if (reply.canWait === true && keepAlive && this.#input.length > 0 && typeof body === "string") {
      this.#replies.hold(reply, body);
    } else this.#replies.send(reply, keepAlive);
    this.#head = undefined;
    if (!keepAlive) {
      this.#state = "closed";
      this.#input.clear();
      this.#socket.destroySoon();
      return;
    }
    this.#state = "head";
    const restMs = wasted ? this.#options.wasted.count() : 0;
    if (restMs > 0) {
      this.#pause();
      setTimeout(() => this.#resume(), restMs).unref();
    } else if (this.#socket.writableLength > BACKLOG_BYTES) this.#pause();
    else this.#process();
  }

  #pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  #resume(): void {
    if (!this.#paused || this.#held || this.#socket.destroyed) return;
    this.#paused = false;
    this.#socket.resume();
    this.#process();
  }

  /** Ends a hold. Called while input is being processed, which goes on by itself. */
  #release(): void {
    if (!this.#held) return;
    this.#held = this.#paused = false;
    this.#socket.resume();
  }

  #ended(): void {
    this.#largeHead(false);
    this.#replies.close();
    this.#state = "closed";
    this.#input.clear();
    const waiting = this.#waiting;
    const plan = this.#bodyPlan;
    this.#waiting = this.#bodyPlan = this.#body = this.#collector = this.#intake = this.#afterDiscard = undefined;
    waiting?.cancelled();
    plan?.aborted();
    this.#options.closed(this);
  }
}
