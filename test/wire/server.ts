/** A wire behind a real listener, with operations that a test makes up. */
import * as lambdaClient from "@aws-sdk/client-lambda";
import * as logsClient from "@aws-sdk/client-cloudwatch-logs";
import { createEdge, type EdgeLimits, type InternalHandler } from "../../src/edge/index.ts";
import type { Authenticator, Authorizer } from "../../src/security/contract.ts";
import { createOpenAuthenticator, createOpenAuthorizer } from "../../src/security/sigv4/index.ts";
import type { CallAudit, CallContext, DeferredService, Operation, ServiceDefinition } from "../../src/wire/contract.ts";
import { createWire, type WireLimits } from "../../src/wire/index.ts";
import { INVOKE_TARGET } from "../../src/services/lambda/index.ts";

export type Input = Record<string, unknown>;
export type Handler = (input: Input, context: CallContext) => unknown;

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly faults: unknown[];
  lambda(options?: lambdaClient.LambdaClientConfig): lambdaClient.LambdaClient;
  logs(): logsClient.CloudWatchLogsClient;
}

export interface TestOptions {
  lambda?: Record<string, Handler>;
  logs?: Record<string, Handler>;
  services?: readonly (ServiceDefinition | DeferredService)[];
  limits?: Partial<WireLimits>;
  edgeLimits?: Partial<EdgeLimits>;
  routes?: Record<string, InternalHandler>;
  authenticator?: Authenticator;
  authorizer?: Authorizer;
  audit?: CallAudit;
}

export async function startServer(options: TestOptions = {}): Promise<TestServer> {
  const faults: unknown[] = [];
  const onFault = (error: unknown) => void faults.push(error);
  const wire = createWire({
    services: [
      definition("lambda", "rest-json", Object.values(lambdaClient), options.lambda),
      { ...definition("logs", "aws-json", Object.values(logsClient), options.logs), target: "Logs_20140328" },
      ...(options.services ?? []),
    ],
    authenticator: options.authenticator ?? createOpenAuthenticator({ account: "000000000000", region: "us-east-1" }),
    authorizer: options.authorizer ?? createOpenAuthorizer(),
    ...(options.limits && { limits: options.limits }),
    ...(options.audit && { audit: options.audit }),
    onFault,
  });
  const edge = createEdge({
    host: "127.0.0.1",
    port: 0,
    handle: wire.handle,
    quick: { target: INVOKE_TARGET, handle: wire.handleWhole },
    health: () => ({ status: "ok" }),
    routes: options.routes ?? {},
    ...(options.edgeLimits && { limits: options.edgeLimits }),
    onFault,
  });
  const { url, port } = await edge.start();
  const clients: { destroy(): void }[] = [];
  const settings = {
    endpoint: url,
    region: "eu-central-1",
    credentials: { accessKeyId: "123456789012", secretAccessKey: "any" },
    maxAttempts: 1,
  };
  const keep = <Client extends { destroy(): void }>(client: Client): Client => {
    clients.push(client);
    return client;
  };
  return {
    url,
    port,
    faults,
    lambda: (more = {}) => keep(new lambdaClient.LambdaClient({ ...settings, ...more })),
    logs: () => keep(new logsClient.CloudWatchLogsClient({ ...settings, disableHostPrefix: true })),
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await edge.stop(1000);
    },
  };
}

function definition(
  name: string,
  protocol: ServiceDefinition["protocol"],
  schemas: readonly unknown[],
  handlers: Record<string, Handler> = {},
): ServiceDefinition {
  const operations = Object.fromEntries(
    Object.entries(handlers).map(([operation, handler]): [string, Operation] => [
      operation,
      async (input: Input, context: CallContext) => handler(input, context),
    ]),
  );
  return { name, protocol, schemas, operations, constraints: undefined };
}
