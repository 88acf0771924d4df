/** GET requests to a registry: redirects and waiting are bounded, and nothing secret goes where it was not meant for. */
import { setTimeout as sleep } from "node:timers/promises";
import { KilnError, messageOf } from "../../../base/errors.ts";

const MAX_REDIRECTS = 5;
/** ms until an answer begins. */
const ANSWER_MS = 30_000;
/** ms between two pieces of an answer. */
const IDLE_MS = 60_000;
/** ms for all of an answer: who sends a little now and then does not keep a pull going for ever. */
const WHOLE_MS = 60 * 60_000;
const ATTEMPTS = 3;
/** ms before the second attempt; the third waits twice as long. */
const RETRY_MS = 500;

export interface Request {
  url: URL;
  headers: Readonly<Record<string, string>>;
  /** Ends waiting for the answer, and the answer. */
  signal: AbortSignal;
  /** Absent: GET. Present: a form that is posted. */
  form?: URLSearchParams;
}

/** The answer, whatever its status, after redirects. Throws KilnError REGISTRY_UNREACHABLE. */
export async function ask(request: Request): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await follow(request);
      if (attempt === ATTEMPTS || (response.status < 500 && response.status !== 429)) return response;
      await response.body?.cancel();
    } catch (cause) {
      if (cause instanceof KilnError) throw cause;
      request.signal.throwIfAborted();
      if (attempt === ATTEMPTS) throw unreachable(request.url, cause);
    }
    await sleep(RETRY_MS * attempt, undefined, { signal: request.signal });
  }
}

async function follow(request: Request): Promise<Response> {
  let { url } = request;
  let headers: Record<string, string> = { ...request.headers };
  for (let count = 0; count <= MAX_REDIRECTS; count += 1) {
    const response = await once(url, headers, request);
    const to = response.headers.get("location");
    if (to === null || ![301, 302, 303, 307, 308].includes(response.status)) return response;
    await response.body?.cancel();
    if (request.form !== undefined || !URL.canParse(to, url.href)) break;
    const next = new URL(to, url);
    if (next.protocol !== "https:" && next.protocol !== url.protocol) break;
    if (next.origin !== url.origin) {
      const { authorization: _, ...rest } = headers;
      headers = rest;
    }
    url = next;
  }
  throw new KilnError("REGISTRY_REDIRECT", `The registry ${request.url.host} leads somewhere that is not followed.`, {
    hint: "At most five redirects, never from HTTPS to HTTP.",
  });
}

async function once(url: URL, headers: Record<string, string>, { form, signal }: Request): Promise<Response> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error("no answer in time")), ANSWER_MS);
  try {
    return await fetch(url, {
      headers: { "accept-encoding": "identity", "user-agent": "kiln", ...headers },
      redirect: "manual",
      signal: AbortSignal.any([controller.signal, signal]),
      ...(form === undefined ? {} : { method: "POST", body: form }),
    });
  } finally {
    clearTimeout(timer);
  }
}

/** The body in pieces; one that stops coming, or that is larger than `maxBytes`, ends with an error. */
export async function* bodyOf(response: Response, maxBytes: number): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  let left = maxBytes;
  const until = performance.now() + WHOLE_MS;
  try {
    for (;;) {
      if (performance.now() > until) throw new Error("the answer takes too long");
      const { done, value } = await withinIdle(reader.read());
      if (done) return;
      left -= value.byteLength;
      if (left < 0) throw new KilnError("REGISTRY_ANSWER", `${response.url} has more than ${maxBytes} bytes.`);
      yield value;
    }
  } catch (cause) {
    throw cause instanceof KilnError ? cause : unreachable(new URL(response.url), cause);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

export async function wholeBody(response: Response, maxBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bodyOf(response, maxBytes)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function withinIdle<T>(reading: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("the answer stops in the middle")), IDLE_MS);
  try {
    return await Promise.race([reading, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(url: URL, cause: unknown): KilnError {
  const why = cause instanceof Error && cause.cause !== undefined ? messageOf(cause.cause) : messageOf(cause);
  return new KilnError("REGISTRY_UNREACHABLE", `The registry ${url.host} cannot be reached: ${why}`, {
    hint: "KILN_REGISTRIES says where registries are.",
    cause,
  });
}
