/** A runtime for tests: the loop that every Lambda runtime runs, over Node's own HTTP client. */
import http from "node:http";
import type { FakeGuest } from "./fake-sandbox.ts";

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export interface RuntimeClient {
  request(method: string, path: string, body?: string | Buffer, headers?: http.OutgoingHttpHeaders): Promise<Answer>;
  next(): Promise<Answer>;
  respond(id: string, body: string | Buffer): Promise<Answer>;
  fail(id: string, body: string, type?: string): Promise<Answer>;
  initError(body: string, type: string): Promise<Answer>;
}

export function createRuntimeClient(port: number): RuntimeClient {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  const api = "/2018-06-01/runtime";
  function request(
    method: string,
    path: string,
    body?: string | Buffer,
    headers: http.OutgoingHttpHeaders = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
      const sent = http.request({ port, agent, method, path, headers: { ...length, ...headers } }, (received) => {
        const chunks: Buffer[] = [];
        received.on("data", (chunk: Buffer) => chunks.push(chunk));
        received.on("error", reject);
        received.on("end", () =>
          resolve({
            status: received.statusCode ?? 0,
            headers: received.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }
  return {
    request,
    next: () => request("GET", `${api}/invocation/next`),
    respond: (id, body) => request("POST", `${api}/invocation/${id}/response`, body),
    fail: (id, body, type) =>
      request(
        "POST",
        `${api}/invocation/${id}/error`,
        body,
        type === undefined ? {} : { "lambda-runtime-function-error-type": type },
      ),
    initError: (body, type) =>
      request("POST", `${api}/init/error`, body, { "lambda-runtime-function-error-type": type }),
  };
}

/** Runs a handler until the guest is dead. What it returns is the response; what it throws, an error report. */
export async function serve(
  guest: FakeGuest,
  handler: (event: string, requestId: string) => Promise<string> | string,
): Promise<void> {
  const client = createRuntimeClient(guest.port);
  while (!guest.dead) {
    let event: Answer;
    try {
      event = await client.next();
    } catch (error) {
      // The worker hangs up when it ends the environment.
      if (guest.dead) return;
      throw error;
    }
    const id = String(event.headers["lambda-runtime-aws-request-id"]);
    let sent: Promise<Answer>;
    try {
      sent = client.respond(id, await handler(event.body, id));
    } catch (error) {
      sent = client.fail(id, JSON.stringify({ errorType: "Error", errorMessage: String(error) }), "Runtime.Unknown");
    }
    await sent.catch((error: unknown) => {
      if (!guest.dead) throw error;
    });
  }
}
