/** The Lambda API over HTTP with the official client: real wire, store and domain; code and calls as the test wants. */
import type { TestContext } from "node:test";
import { CreateFunctionCommand, LambdaClient, type CreateFunctionRequest } from "@aws-sdk/client-lambda";
import { createEdge } from "../../src/edge/index.ts";
import type { Functions } from "../../src/functions/contract.ts";
import { signingSecret, type FunctionsOptions } from "../../src/functions/index.ts";
import type { Delivery, InvokeAnswer, InvokeRequest, Invoker, Provisioner } from "../../src/invoke/contract.ts";
import { createEventQueue } from "../../src/invoke/event-queue/event-queue.ts";
import { createInvoker } from "../../src/invoke/invoker.ts";
import { targetFor } from "../../src/invoke/tenant.ts";
import { DEFAULT_BANDWIDTH } from "../../src/invoke/streaming/bandwidth.ts";
import { createInvokeStream } from "../../src/invoke/streaming/invoke-stream.ts";
import {
  createOpenAuthenticator,
  createOpenAuthorizer,
  createOpenUrlAuthorizer,
} from "../../src/security/sigv4/index.ts";
import { clearVariables, codeDownload, INVOKE_TARGET, lambdaService } from "../../src/services/lambda/index.ts";
import { createUrlServer } from "../../src/services/urls/index.ts";
import type { Worker } from "../../src/worker/contract.ts";
import type { CallAudit } from "../../src/wire/contract.ts";
import { constraintTables, createWire } from "../../src/wire/index.ts";
import { openDomain, request, scope, type TestDomain } from "./support.ts";

export interface TestApi extends TestDomain {
  url: string;
  client: LambdaClient;
  /** What the invoker was asked. */
  calls: InvokeRequest[];
  /** What the next calls are answered with. */
  answerWith: (answer: Partial<InvokeAnswer>) => void;
  /** What the next calls throw, until it is undefined again. */
  failWith: (error: Error | undefined) => void;
  /** What the ends of events sent to destinations. */
  deliveries: Delivery[];
  faults: unknown[];
  /** Creates a function and waits until it is ready. */
  deploy: (name: string, changes?: Partial<CreateFunctionRequest>) => Promise<void>;
}

export interface ApiOptions extends Partial<FunctionsOptions> {
  /** Clock of the presigned URLs. */
  now?: () => number;
  /** Calls go through the real data plane to this worker. Default: no data plane, calls are answered at once. */
  worker?: Worker;
  /** Is told of calls of function URLs. */
  audit?: CallAudit;
}

export async function startApi(
  context: TestContext,
  { now = Date.now, worker, audit, ...options }: ApiOptions = {},
): Promise<TestApi> {
  let plane: (Invoker & Provisioner) | undefined;
  const provisioner: Provisioner = {
    provision: (...wanted) => plane?.provision(...wanted),
    state: (...of) => plane?.state(...of) ?? { status: "IN_PROGRESS", allocated: 0, available: 0 },
  };
  const domain = await openDomain(context, {
    provisioner,
    ...(worker ? { retire: async (...of) => plane?.retire(...of) } : {}),
    ...options,
  });
  if (worker) {
    plane = createInvoker({
      worker,
      report: (error) => void domain.reports.push(error),
      directory: {
        resolve: (...of) => domain.functions.directory.resolve(...of),
        accountConcurrency: (of) => domain.functions.directory.accountConcurrency(of),
        reservedConcurrency: (of) => domain.functions.directory.reservedConcurrency?.(of) ?? 0,
      },
    });
    context.after(async () => {
      await plane?.close(0);
      await worker.close(0);
    });
  }
  const calls: InvokeRequest[] = [];
  const deliveries: Delivery[] = [];
  let next: Partial<InvokeAnswer> = {};
  let failure: Error | undefined;
  const invoker: Invoker = plane ?? {
    async invoke(request) {
      // The payload is the caller's, who may give its memory back when the call is over.
      const asked = { ...request, payload: Uint8Array.from(request.payload) };
      calls.push(asked);
      if (failure) throw failure;
      const found = await domain.functions.directory.resolve(asked.scope, asked.functionName, asked.qualifier);
      const target = targetFor(found, asked.tenantId);
      const answer: InvokeAnswer = {
        status: "success",
        payload: Uint8Array.from(asked.payload),
        durationMs: 1,
        billedMs: 1,
        maxMemoryMB: 30,
        executedVersion: target.version,
        ...next,
      };
      if (asked.stream === undefined || answer.functionError !== undefined) return answer;
      asked.stream({ contentType: "application/json", executedVersion: target.version }).write(answer.payload);
      return { ...answer, payload: Buffer.alloc(0), streamed: { bytes: answer.payload.length } };
    },
    invokeStream: (asked) => streamOf(asked),
    retire: async () => undefined,
    close: async () => undefined,
  };
  const streamOf = createInvokeStream((asked) => invoker.invoke(asked), DEFAULT_BANDWIDTH);
  const events = createEventQueue({
    queue: domain.store.queue,
    // The domain may be another one after a restart.
    directory: {
      resolve: (...of) => domain.functions.directory.resolve(...of),
      accountConcurrency: (of) => domain.functions.directory.accountConcurrency(of),
    },
    invoker: { invoke: (asked) => invoker.invoke(asked) },
    settings: (...of) => domain.functions.eventInvoke.settings(...of),
    deliver: async (delivery) => void deliveries.push(delivery),
    retryBaseMs: 20,
    report: (error) => void domain.reports.push(error),
  });
  context.after(() => events.close(1000));
  const faults: unknown[] = [];
  const onFault = (error: unknown) => void faults.push(error);
  const download = codeDownload({
    artifacts: domain.artifacts,
    secret: await signingSecret(domain.store.documents),
    clock: now,
  });
  const urls = createUrlServer({
    urls: domain.functions.urls,
    invoker,
    authorizer: createOpenUrlAuthorizer(),
    ...(audit && { audit }),
    clock: now,
    onFault,
  });
  const wire = createWire({
    services: [
      lambdaService({
        functions: following(domain),
        invoker,
        events,
        download,
        variables: clearVariables,
        constraints: constraintTables["lambda"],
      }),
    ],
    authenticator: createOpenAuthenticator({ account: "000000000000", region: "us-east-1" }),
    authorizer: createOpenAuthorizer(),
    onFault,
  });
  const edge = createEdge({
    host: "127.0.0.1",
    port: 0,
    health: () => ({}),
    onFault,
    routes: { "code/": download.handle, "url/": urls.byPath },
    byHost: urls.byHost,
    handle: wire.handle,
    quick: { target: INVOKE_TARGET, handle: wire.handleWhole },
  });
  const { url } = await edge.start();
  const client = new LambdaClient({
    endpoint: url,
    region: scope.region,
    credentials: { accessKeyId: scope.account, secretAccessKey: "any" },
    maxAttempts: 1,
  });
  context.after(async () => {
    client.destroy();
    await edge.stop(1000);
  });
  return Object.assign(domain, {
    url,
    client,
    calls,
    deliveries,
    faults,
    answerWith(answer: Partial<InvokeAnswer>) {
      next = answer;
    },
    failWith(error: Error | undefined) {
      failure = error;
    },
    async deploy(name: string, changes: Partial<CreateFunctionRequest> = {}) {
      await client.send(new CreateFunctionCommand(request(name, changes)));
      await domain.functions.settled();
    },
  });
}

/** The domain's functions as they are at each moment: a restart makes others. */
function following(domain: TestDomain): Functions {
  return new Proxy(domain.functions, { get: (_, member) => Reflect.get(domain.functions, member) as unknown });
}
