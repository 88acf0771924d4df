/** Kiln's own paths, below `/_kiln/`: its health, and whatever the composition root adds. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { refuse, refusals } from "./refusal.ts";

/** Gets what follows its prefix, still percent-encoded and without query. */
export type InternalHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  rest: string,
) => void | Promise<void>;

export interface InternalRoutes {
  /** Answered as JSON at `GET /_kiln/health`, with status 200. */
  readonly health: () => unknown;
  /** By prefix below `/_kiln/`, for instance `code/`. */
  readonly routes: Readonly<Record<string, InternalHandler>>;
  readonly onFault: (error: unknown) => void;
}

export const internalPrefix = "/_kiln/";

export function createInternal(
  options: InternalRoutes,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const routes = Object.entries(options.routes);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ""] = (request.url ?? "").slice(internalPrefix.length).split("?");
    if (path === "health") return health(request, response);
    const found = routes.find(([prefix]) => path.startsWith(prefix));
    if (found === undefined) return refuse(response, refusals.notFound);
    const [prefix, handler] = found;
    await handler(request, response, path.slice(prefix.length));
  }

  async function health(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(response, refusals.methodNotAllowed);
    const body = JSON.stringify(await options.health());
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
    });
    response.end(body);
  }

  return async (request, response) => {
    try {
      await answer(request, response);
    } catch (error) {
      options.onFault(error);
      if (response.headersSent) response.destroy();
      else refuse(response, refusals.fault);
    }
  };
}
