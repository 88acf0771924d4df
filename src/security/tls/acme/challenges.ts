/**
 * Answers an ACME server's challenges over HTTP (RFC 8555, 8.3). It listens only while there is something to answer, and
 * answers nothing else.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { KilnError } from "../../../base/errors.ts";
import type { Challenges } from "./order.ts";

const PATH = "/.well-known/acme-challenge/";

export interface Listener {
  readonly host: string;
  readonly port: number;
}

/** Listens as long as `work` takes. Throws KilnError ACME_PORT_IN_USE. */
export async function withChallenges<T>(
  { host, port }: Listener,
  work: (challenges: Challenges) => Promise<T>,
): Promise<T> {
  const answers = new Map<string, string>();
  const server = createServer({ maxHeaderSize: 8192, requestTimeout: 10_000 }, ({ method, url = "" }, response) => {
    const answer = url.startsWith(PATH) ? answers.get(url.slice(PATH.length)) : undefined;
    const found = answer !== undefined && (method === "GET" || method === "HEAD");
    response.writeHead(found ? 200 : 404, { "content-type": "application/octet-stream", connection: "close" });
    response.end(found ? answer : "");
  });
  server.maxConnections = 100;
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    throw new KilnError("ACME_PORT_IN_USE", `Challenges of the ACME server cannot be answered at ${host}:${port}.`, {
      hint: "Free the port, or let port 80 lead to another one and name that with KILN_ACME_LISTEN.",
      cause,
    });
  }
  try {
    return await work({
      put: (token, authorization) => void answers.set(token, authorization),
      remove: (token) => void answers.delete(token),
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
