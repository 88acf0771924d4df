/** The real wire on a free port, with whatever services a test gives it. */
import { createServer } from "node:http";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { createOpenAuthenticator, createOpenAuthorizer } from "../../src/security/sigv4/index.ts";
import type { ServiceDefinition } from "../../src/wire/contract.ts";
import { createWire } from "../../src/wire/index.ts";

export const scope = { account: "000000000000", region: "us-east-1" };

/** Answers the URL; ends with the test, which fails if a request met a fault of the server. */
export async function startWire(t: TestContext, services: readonly ServiceDefinition[]): Promise<string> {
  const faults: unknown[] = [];
  const wire = createWire({
    services,
    authenticator: createOpenAuthenticator(scope),
    authorizer: createOpenAuthorizer(),
    onFault: (error) => faults.push(error),
  });
  const server = createServer((request, response) => {
    if (request.url === "/_kiln/health") response.end("{}");
    else wire.handle(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
    if (faults.length > 0) throw new AggregateError(faults, "the server had faults");
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}
