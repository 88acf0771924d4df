/** The context of one call. Parts that few operations look at are made when they are asked for. */
import { isSecure } from "../../base/http/secure.ts";
import type { RequestHead, Waiting } from "../../base/http/whole.ts";
import { newTraceId } from "../../base/trace-id.ts";
import type { CallContext, Caller } from "../contract.ts";
import { headerOf, sourceIpOf } from "./request.ts";

export interface CallFacts {
  readonly requestId: string;
  readonly caller: Caller;
  readonly service: string;
  readonly operation: string;
  readonly receivedAt: number;
}

export class Call implements CallContext {
  readonly requestId: string;
  readonly caller: Caller;
  readonly service: string;
  readonly operation: string;
  readonly receivedAt: number;
  readonly answerHeaders: Record<string, string> = {};
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  readonly #request: RequestHead;
  readonly #waiting: Waiting;
  #traceId: string | undefined;
  #controller: AbortController | undefined;

  constructor(facts: CallFacts, request: RequestHead, waiting: Waiting) {
    this.requestId = facts.requestId;
    this.caller = facts.caller;
    this.service = facts.service;
    this.operation = facts.operation;
    this.receivedAt = facts.receivedAt;
    this.sourceIp = sourceIpOf(request);
    this.userAgent = headerOf(request.headers, "user-agent");
    this.#request = request;
    this.#waiting = waiting;
  }

  get traceId(): string {
    return (this.#traceId ??= this.sentTraceId ?? newTraceId());
  }

  get sentTraceId(): string | undefined {
    return headerOf(this.#request.headers, "x-amzn-trace-id") || undefined;
  }

  get endpoint(): string {
    return endpointOf(this.#request);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      const gone = () => {
        if (!this.#waiting.writableFinished) controller.abort();
      };
      if (this.#waiting.destroyed) gone();
      else this.#waiting.once("close", gone);
      this.#controller = controller;
    }
    return this.#controller.signal;
  }
}

const authority = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/** By the Host header when it is one; it becomes part of URLs in answers, so nothing else gets in. */
function endpointOf(request: RequestHead): string {
  const { host } = request.headers;
  const scheme = isSecure(request) ? "https" : "http";
  if (host !== undefined && authority.test(host)) return `${scheme}://${host}`;
  const { localAddress = "127.0.0.1", localPort = 80 } = request.socket;
  return `${scheme}://${localAddress.includes(":") ? `[${localAddress}]` : localAddress}:${localPort}`;
}
