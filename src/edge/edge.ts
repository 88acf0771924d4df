/**
 * The HTTP listener. It bounds what a connection can cost before anything is known of the request, keeps Kiln's own paths
 * apart from AWS's, and stops without cutting answers off.
 */
import type { IncomingMessage, RequestListener, ServerOptions, ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { KilnError, systemCode } from "../base/errors.ts";
import { http } from "../base/http/builtin.ts";
import { isSecure } from "../base/http/secure.ts";
import type { WholeAnswer, WholeRequest } from "../base/http/whole.ts";
import { hasClearHost, isForOneHost } from "./host.ts";
import { createInternal, internalPrefix, type InternalHandler } from "./internal.ts";
import { defaultEdgeLimits, type EdgeLimits } from "./limits.ts";
import { installQuick } from "./quick/index.ts";
import { refusalOf, refusals, refuse, refuseOnSocket } from "./refusal.ts";
import { hstsOf, secureContext, type EdgeTls } from "./tls.ts";

export interface EdgeOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Everything that is not below `/_kiln/`. It answers `Expect: 100-continue` by itself. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * What answers requests for other host names than Kiln's own, asked before anything looks at the path: neither `handle`
   * nor `/_kiln/` sees a request that this takes.
   */
  readonly byHost?: (
    request: Pick<IncomingMessage, "url" | "headers">,
  ) => ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  /**
   * Requests of these targets go past node:http where they come whole, in the usual form, and without TLS. Absent: none
   * do.
   */
  readonly quick?: {
    readonly target: RegExp;
    readonly handle: (request: WholeRequest) => Promise<WholeAnswer>;
  };
  /** Answered as JSON at `GET /_kiln/health`. */
  readonly health: () => unknown;
  /** Further paths below `/_kiln/`, by prefix: `code/`. */
  readonly routes?: Readonly<Record<string, InternalHandler>>;
  readonly limits?: Partial<EdgeLimits>;
  /** Absent: plain HTTP. */
  readonly tls?: EdgeTls | undefined;
  readonly onFault: (error: unknown) => void;
}

export interface Edge {
  /** Listens. Throws KilnError LISTEN_FAILED. */
  start(): Promise<EdgeAddress>;
  /** The listener's, or the configured one while it does not listen; undefined when that is left to the system. */
  port(): number | undefined;
  /** Serves a connection that came in another way: a function's. Its requests have `FUNCTION_ADDRESS` as their source. */
  serve(socket: Socket): void;
  /** Takes no more connections, lets running requests finish, and cuts what is left after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

export interface EdgeAddress {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`, or `https://…` with TLS. */
  readonly url: string;
}

/** Link-local, so that no policy about addresses takes a function for a program of this host. */
export const FUNCTION_ADDRESS = "169.254.100.2";

export function createEdge(options: EdgeOptions): Edge {
  const limits = { ...defaultEdgeLimits, ...options.limits };
  const { tls } = options;
  const internal = createInternal({ health: options.health, routes: options.routes ?? {}, onFault: options.onFault });
  const running = new Set<ServerResponse>();
  let stopping = false;

  const listener: RequestListener = (request, response) => {
    running.add(response);
    response.once("close", () => running.delete(response));
    // An error after the end of a request, such as a reset, has nobody to be told to.
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    // What follows a wish to upgrade may be of another protocol: it is not read as a request.
    if (stopping || request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
    const target = request.url ?? "/";
    if (target.length > limits.urlBytes) return refuse(response, refusals.urlTooLong);
    if (!hasClearHost(request)) return refuse(response, refusals.hostUnclear);
    const other = options.byHost?.(request);
    if (other === undefined && !isForOneHost(request)) return refuse(response, refusals.hostUnclear);
    const own = other === undefined && target.startsWith(internalPrefix);
    if (tls !== undefined && isSecure(request) && (own || other !== undefined)) {
      const hsts = hstsOf(request, tls.hstsSeconds);
      if (hsts !== undefined) response.setHeader("strict-transport-security", hsts);
    }
    if (other !== undefined) other(request, response);
    else if (own) void internal(request, response);
    else options.handle(request, response);
  };

  const server = serverFor(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(limits.headersMs, 5000),
    },
    listener,
    tls,
    limits.headersMs,
  );
  /** Whose handshake is over: no other can be told anything. */
  const secured = new WeakSet<object>();
  server.on("secureConnection", (socket) => secured.add(socket));
  server.maxConnections = limits.connections;
  // The size of the headers is bounded already; Node.js would drop those beyond a count without a word.
  server.maxHeadersCount = 0;
  server.on("checkContinue", listener);
  server.on("checkExpectation", (_request, response: ServerResponse) => refuse(response, refusals.expectation));
  server.on("clientError", (error, socket) => {
    const refusal = refusalOf(error);
    const answering = [...running].some((response) => response.socket === socket && response.headersSent);
    const deaf = socket instanceof TLSSocket && !secured.has(socket);
    if (refusal === undefined || answering || deaf || !socket.writable) socket.destroy();
    else refuseOnSocket(socket, refusal);
  });

  const { quick } = options;
  const short =
    quick === undefined || tls !== undefined
      ? undefined
      : installQuick(server, limits, {
          takes: (head) =>
            head.url.length <= limits.urlBytes &&
            quick.target.test(head.url) &&
            hasClearHost(head) &&
            options.byHost?.(head) === undefined,
          handle: quick.handle,
          onFault: options.onFault,
        });

  async function stop(graceMs: number): Promise<void> {
    stopping = true;
    short?.stop();
    for (const response of running) response.shouldKeepAlive = false;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const timer = setTimeout(() => {
      server.closeAllConnections();
      short?.destroy();
    }, graceMs);
    server.closeIdleConnections();
    await closed;
    clearTimeout(timer);
  }

  function serve(socket: Socket): void {
    if (stopping) {
      socket.destroy();
      return;
    }
    // What the kernel says is the loopback address of the function's own namespace.
    Object.defineProperty(socket, "remoteAddress", { value: FUNCTION_ADDRESS });
    // It comes out of a namespace that only the function and Kiln are in: there is nobody to hide it from, and no TLS.
    server.emit(tls === undefined ? "connection" : "secureConnection", socket);
  }

  function port(): number | undefined {
    const address = server.address();
    if (address !== null && typeof address === "object") return address.port;
    return options.port === 0 ? undefined : options.port;
  }

  return {
    start: () => listen(server, options.host, options.port, tls === undefined ? "http" : "https"),
    port,
    serve,
    stop,
  };
}

/** Both kinds have the same events and methods; only the one with TLS has a context that can be another one. */
function serverFor(options: ServerOptions, listener: RequestListener, tls: EdgeTls | undefined, handshakeMs: number) {
  if (tls === undefined) return http.createServer(options, listener);
  const server = createSecureServer(
    { ...options, ...secureContext(tls.current()), ALPNProtocols: ["http/1.1"], handshakeTimeout: handshakeMs },
    listener,
  );
  tls.listen((pair) => server.setSecureContext(secureContext(pair)));
  return server;
}

function listen(
  server: ReturnType<typeof serverFor>,
  host: string,
  port: number,
  scheme: "http" | "https",
): Promise<EdgeAddress> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      const hint =
        systemCode(error) === "EADDRINUSE"
          ? "Something else listens there, perhaps another Kiln: stop it, or choose another port with --listen."
          : "Choose an address of this machine with --listen.";
      reject(new KilnError("LISTEN_FAILED", `cannot listen on ${host}:${port}`, { cause: error, hint }));
    };
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      const address = server.address() as AddressInfo;
      const shown = host.includes(":") ? `[${host}]` : host;
      resolve({ host, port: address.port, url: `${scheme}://${shown}:${address.port}` });
    });
  });
}
