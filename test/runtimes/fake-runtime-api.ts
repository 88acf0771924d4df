/** A small real Runtime API for tests of a bootstrap: hands out events and keeps what comes back. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the runtime sent. */
export interface Answer {
  /** `response`, `error` or `init/error`. */
  kind: string;
  body: string;
  headers: IncomingMessage["headers"];
  trailers: IncomingMessage["trailers"];
}

export interface Invocation {
  id: string;
  event: string;
  headers?: Record<string, string>;
  /** Sends the event in chunks, a byte each. */
  chunked?: boolean;
}

export interface FakeRuntimeApi {
  /** `host:port`. */
  readonly address: string;
  /** Connections that the runtime has opened. */
  readonly connections: number;
  /** Gives an event to the runtime and resolves with its answer. */
  invoke(invocation: Invocation): Promise<Answer>;
  /** Resolves with the runtime's init error. */
  readonly initError: Promise<Answer>;
  /** Answers the request for an assignment. */
  assign(env: Record<string, string>): void;
  close(): Promise<void>;
}

export async function fakeRuntimeApi(): Promise<FakeRuntimeApi> {
  const initError = Promise.withResolvers<Answer>();
  const assignment = Promise.withResolvers<Record<string, string>>();
  const answers = new Map<string, PromiseWithResolvers<Answer>>();
  const events: Invocation[] = [];
  let waiting: ServerResponse | undefined;
  let connections = 0;

  const deliver = (): void => {
    if (waiting === undefined || events.length === 0) {
      return;
    }
    const response = waiting;
    waiting = undefined;
    const { id, event, headers, chunked } = events.shift() ?? { id: "", event: "" };
    response.setHeader("Content-Type", "application/json");
    response.setHeader("Lambda-Runtime-Aws-Request-Id", id);
    response.setHeader("Lambda-Runtime-Deadline-Ms", String(Date.now() + 3000));
    response.setHeader("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:f");
    for (const [name, value] of Object.entries(headers ?? {})) {
      response.setHeader(name, value);
    }
    if (chunked === true) {
      for (const byte of Buffer.from(event)) {
        response.write(Buffer.of(byte));
      }
      response.end();
    } else {
      response.setHeader("Content-Length", Buffer.byteLength(event));
      response.end(Buffer.from(event)); // Bytes, so that the headers before them stay Latin-1.
    }
  };

  const server = createServer((request, response) => {
    const path = request.url ?? "";
    if (path === "/2018-06-01/runtime/invocation/next") {
      waiting = response;
      deliver();
      return;
    }
    if (path === "/kiln/2026-11-01/assignment") {
      void assignment.promise.then((env) => response.end(JSON.stringify({ env })));
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const [, id, kind] =
        /^\/2018-06-01\/runtime\/(?:invocation\/([^/]+)\/(response|error)|init\/error)$/.exec(path) ?? [];
      const answer = {
        kind: kind ?? "init/error",
        body: Buffer.concat(chunks).toString(),
        headers: request.headers,
        trailers: request.trailers,
      };
      response.statusCode = 202;
      response.end('{"status":"OK"}');
      if (id === undefined) {
        initError.resolve(answer);
      } else {
        answers.get(decodeURIComponent(id))?.resolve(answer);
      }
    });
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${String(port)}`,
    get connections() {
      return connections;
    },
    invoke(invocation) {
      const answer = Promise.withResolvers<Answer>();
      answers.set(invocation.id, answer);
      events.push(invocation);
      deliver();
      return answer.promise;
    },
    initError: initError.promise,
    assign: (env) => assignment.resolve(env),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
