/**
 * Serves function URLs: by host name as AWS does, and by path below `/_kiln/url/` for clients that cannot resolve it.
 * Anyone may call them from anywhere, web pages included: that is what they are for. So nothing here ever leads to the
 * API, and what a function answers by path gets no part in the API's origin.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { functionArn } from "../../base/arn.ts";
import type { Clock } from "../../base/clock.ts";
import { ServiceError } from "../../base/errors.ts";
import { ClientGone, createBodyReader } from "../../base/http/body.ts";
import { isClientGone } from "../../base/http/client-gone.ts";
import { discardBody, hasUnreadBody } from "../../base/http/discard.ts";
import { newId } from "../../base/ids.ts";
import { parseUrlHost, urlHost } from "../../functions/index.ts";
import type { FunctionUrls, LocatedUrl } from "../../functions/urls/contract.ts";
import type { Invoker } from "../../invoke/contract.ts";
import { URL_FORBIDDEN, type AuthorizedUrl, type UrlAuthorizer } from "../../security/contract.ts";
import type { CallAudit } from "../../wire/contract.ts";
import { answerOf, badGateway, type StreamedUrlAnswer, type UrlAnswer } from "./answer.ts";
import { anonymous, tellAudit, type AuditedVisit } from "./audited.ts";
import { corsHeaders, isPreflight, preflightAnswer } from "./cors.ts";
import { eventOf } from "./event.ts";
import { DISCARD, MAX_EVENT, MAX_HELD } from "./limits.ts";
import { headerOf, splitTarget, urlRequest } from "./request.ts";
import { sendAnswer } from "./send.ts";
import { AnswerBroken, streamedAnswer } from "./streamed.ts";
import { traceOf } from "./trace.ts";

export interface UrlServerOptions {
  readonly urls: Pick<FunctionUrls, "find">;
  readonly invoker: Pick<Invoker, "invoke" | "invokeStream">;
  readonly authorizer: UrlAuthorizer;
  /** Told of every call; absent: nobody is. */
  readonly audit?: CallAudit;
  readonly clock: Clock;
  /** Told of every error that is neither the caller's nor the function's: the answer does not show it. */
  readonly onFault: (error: unknown) => void;
}

export interface UrlServer {
  /** What answers this request, if its host name is a function URL's, whether there is such a URL or not. */
  readonly byHost: (
    request: Pick<IncomingMessage, "url" | "headers">,
  ) => ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  /** Answers a request below `/_kiln/url/`. */
  readonly byPath: (request: IncomingMessage, response: ServerResponse, rest: string) => Promise<void>;
}

/** What a request is about, and how its answer begins. */
interface Visit extends AuditedVisit {
  readonly id: string;
  readonly traceId: string;
  readonly response: ServerResponse;
}

/**
 * Below `/_kiln/url/` a page has the API's own origin. The sandbox takes it away: the browser gives such a page an origin
 * that equals no other, which the API refuses.
 */
const withoutOrigin: readonly (readonly [string, string])[] = [["content-security-policy", "sandbox"]];

export function createUrlServer(options: UrlServerOptions): UrlServer {
  const { urls, invoker, authorizer, audit, clock, onFault } = options;
  const bodies = createBodyReader(MAX_HELD);

  async function serve(visit: Visit, located: LocatedUrl | undefined): Promise<UrlAnswer | StreamedUrlAnswer> {
    const { request } = visit;
    if (!located) return denial(null);
    const { cors } = located.url;
    if (cors !== undefined && isPreflight(request, cors)) return preflightAnswer(request, cors);
    const answer = await recordedCall(visit, located).catch((error: unknown) => errorAnswer(error));
    return { ...answer, headers: [...answer.headers, ...corsHeaders(request, cors)] };
  }

  /** What cannot be recorded any more is not answered. */
  async function recordedCall(visit: Visit, located: LocatedUrl): Promise<UrlAnswer | StreamedUrlAnswer> {
    let failure: unknown;
    try {
      return await call(visit, located);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      if (!(failure instanceof ClientGone)) await tellAudit(audit, visit, located, failure);
    }
  }

  async function call(visit: Visit, located: LocatedUrl): Promise<UrlAnswer | StreamedUrlAnswer> {
    const { incoming, response, requestId, traceId } = visit;
    const authorized = await authorize(visit, located);
    const body = await bodies.read(incoming, response, { limit: MAX_EVENT, tooLarge });
    const { length } = body;
    // A streamed answer begins while the function still has its event.
    let over: Promise<unknown> | undefined;
    try {
      const caller = await authorized(body);
      visit.caller = caller ?? anonymous(located);
      const event = eventOf(visit.request, body, { urlId: visit.id, requestId, traceId, caller });
      const payload = Buffer.from(JSON.stringify(event));
      if (payload.length > MAX_EVENT) throw tooLarge();
      const { scope, url } = located;
      const called = {
        scope,
        functionName: url.name,
        requestId,
        payload,
        traceId,
        tail: false,
        ...(url.qualifier === undefined ? {} : { qualifier: url.qualifier }),
      };
      if (url.invokeMode === "RESPONSE_STREAM") {
        const answer = await invoker.invokeStream(called);
        over = answer.completed;
        response.once("close", answer.discard);
        if (response.destroyed) answer.discard();
        return await streamedAnswer(answer);
      }
      const result = await invoker.invoke(called);
      if (result.functionError !== undefined || result.status !== "success") return badGateway();
      return answerOf(result.payload) ?? badGateway();
    } finally {
      const release = (): void => bodies.release(length);
      if (over === undefined) release();
      else over.then(release, release);
    }
  }

  /** What is signed is the target as it was sent, in either form. */
  async function authorize({ request, incoming }: Visit, { scope, url }: LocatedUrl): Promise<AuthorizedUrl> {
    const { path, query } = splitTarget(incoming.url ?? "/");
    const { headers, rawHeaders } = incoming;
    return authorizer.authorizeUrl({
      authType: url.authType,
      scope,
      functionArn: functionArn(scope, url.name, url.qualifier),
      request: { method: request.method, path, query, headers, rawHeaders, sourceIp: request.sourceIp },
      sourceIp: request.sourceIp,
      secure: request.secure,
      receivedAt: request.receivedAt,
    });
  }

  function errorAnswer(error: unknown): UrlAnswer {
    if (error instanceof ClientGone) throw error;
    if (!(error instanceof ServiceError)) {
      onFault(error);
      return badGateway();
    }
    // The function or its alias went away while its URL was being called.
    if (error.code === "ResourceNotFoundException") return denial(URL_FORBIDDEN);
    return failure(error);
  }

  async function handle(visit: Visit, find: Promise<LocatedUrl | undefined>, extra: UrlAnswer["headers"]) {
    const { incoming, response } = visit;
    try {
      const answer = await find.then((located) => serve(visit, located)).catch((error: unknown) => errorAnswer(error));
      const own = [["x-amzn-requestid", visit.requestId] as const, ["x-amzn-trace-id", visit.traceId] as const];
      const whole = { ...answer, headers: [...answer.headers, ...own, ...extra] };
      await sendAnswer(response, whole, hasUnreadBody(incoming), async () => {
        if (!bodies.isWaiting(incoming)) await discardBody(incoming, DISCARD.bytes, DISCARD.ms);
      });
    } catch (error) {
      if (error instanceof ClientGone) return;
      // The answer has begun, so all that is left is to cut it short.
      response.destroy();
      if (!(error instanceof AnswerBroken) && !isClientGone(error)) onFault(error);
    }
  }

  function visitOf(
    incoming: IncomingMessage,
    response: ServerResponse,
    id: string,
    target: { path: string; query: string; domain: string },
  ): Visit {
    const now = clock();
    const request = urlRequest(incoming, target, now);
    const traceId = traceOf(headerOf(request, "x-amzn-trace-id"), now);
    return { id, requestId: newId(), traceId, request, incoming, response };
  }

  return {
    byHost(incoming) {
      const { path, query, authority } = splitTarget(incoming.url ?? "/");
      // Either name is enough: a client that gives two must not get past this.
      const named = [authority, incoming.headers.host].flatMap((name) => parseUrlHost(name ?? "") ?? [])[0];
      if (!named) return undefined;
      const { id, region, domain } = named;
      return (request, response) => {
        const found = urls.find(id).then((located) => (located?.scope.region === region ? located : undefined));
        void handle(visitOf(request, response, id, { path, query, domain }), found, []);
      };
    },
    async byPath(request, response, rest) {
      const slash = rest.indexOf("/");
      const id = slash < 0 ? rest : rest.slice(0, slash);
      const located = await urls.find(id);
      const path = slash < 0 ? "/" : rest.slice(slash);
      const { query } = splitTarget(request.url ?? "/");
      const domain = urlHost(id, located?.scope.region ?? "");
      await handle(visitOf(request, response, id, { path, query, domain }), Promise.resolve(located), withoutOrigin);
    },
  };
}

/** What AWS answers where there is no such URL (`null`), or where the caller may not. */
function denial(message: string | null): UrlAnswer {
  return problem(403, "AccessDeniedException", { Message: message });
}

function failure(error: ServiceError): UrlAnswer {
  return problem(error.status, error.code, { Message: error.message, ...error.members });
}

function problem(status: number, code: string, content: Record<string, unknown>): UrlAnswer {
  return {
    status,
    headers: [
      ["content-type", "application/json"],
      ["x-amzn-errortype", code],
    ],
    body: Buffer.from(JSON.stringify(content)),
  };
}

function tooLarge(): ServiceError {
  const message = `Request must be smaller than ${MAX_EVENT} bytes for the InvokeFunction operation`;
  return new ServiceError("RequestEntityTooLargeException", message, { status: 413 });
}
