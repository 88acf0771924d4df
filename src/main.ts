/** The composition root: with `compose/`, the only place where implementations are chosen. */
import { join } from "node:path";
import { createRuntimes } from "./artifacts/runtimes/index.ts";
import { systemClock } from "./base/clock.ts";
import { KilnError } from "./base/errors.ts";
import { plainModes } from "./base/modes.ts";
import { type Config } from "./config/index.ts";
import { removeClientFiles, writeClientFiles } from "./edge/client-files/index.ts";
import { createEdge, type EdgeAddress } from "./edge/index.ts";
import { openObjectStore, openQueues, openStreams } from "./compose/clients.ts";
import { openAuditing } from "./compose/auditing.ts";
import { openExecutionRoles } from "./compose/execution-roles.ts";
import { openCode, placesOfRuntimes } from "./compose/code.ts";
import { openDestinations } from "./compose/destinations.ts";
import { guardOf } from "./compose/guard.ts";
import { beginSandbox, requireHost } from "./compose/host.ts";
import { openFunctionApi, report, sayKeyFile, sayProgress } from "./compose/say.ts";
import { settlePrincipals } from "./compose/principals.ts";
import { servicesOf } from "./compose/services.ts";
import { openSnapshots } from "./compose/snap-start.ts";
import { giveMemoryBack } from "./compose/spare-memory.ts";
import { sourcesOf } from "./compose/sources.ts";
import { createFunctions, signingSecret } from "./functions/index.ts";
import { functionArn } from "./base/arn.ts";
import type { Scope } from "./base/scope.ts";
import type { EventQueue, Invoker, Provisioner, Reserver } from "./invoke/contract.ts";
import { createEventQueue } from "./invoke/event-queue/event-queue.ts";
import { createIdentity, requireDefaultRole } from "./identity/index.ts";
import { createInvoker } from "./invoke/invoker.ts";
import { DEFAULT_BANDWIDTH } from "./invoke/streaming/bandwidth.ts";
import { createMetrics, metricsPage } from "./observability/metrics/index.ts";
import { createFunctionLogs } from "./observability/logs/index.ts";
import { openGuard } from "./security/access/guard.ts";
import { policyProblem } from "./security/policy/index.ts";
import { createSealer, openKeyRing, openRoot, ringFile } from "./security/keys/index.ts";
import { earlierSecretBox } from "./security/secrets/earlier-box.ts";
import { createSecretBox } from "./security/secrets/secret-box.ts";
import { nameFor, openCertificates } from "./security/tls/index.ts";
import { openRootKey, rootKeyFile, type RootKey } from "./security/root/root-key.ts";
import { CODE_PATH, codeDownload, createVariables, INVOKE_TARGET } from "./services/lambda/index.ts";
import { createUrlServer } from "./services/urls/index.ts";
import { makeCodeKey, openCodeKey, openVariables, sealVariables } from "./kms/for-functions.ts";
import { createKms } from "./kms/kms.ts";
import { createQueues } from "./queues/queues.ts";
import { createResults } from "./sources/results.ts";
import { checkQueue } from "./sources/sqs/check.ts";
import { checkStream } from "./sources/streams/check.ts";
import { lockStateDirectory } from "./store/owner.ts";
import { openSqliteStore } from "./store/sqlite/open.ts";
import { createWire } from "./wire/index.ts";
import { createWorker } from "./worker/worker.ts";

export interface Server {
  /** `http://host:port` of the listener, or `https://…`. */
  url: string;
  /** Takes certificates that have changed. */
  reload(): Promise<void>;
  /** Refuses new requests, lets running calls finish up to the configured time, and gives everything back. */
  stop(): Promise<void>;
}

/** Inside of functions that start before the listener has a port. */
const DEFAULT_PORT = 4566;

/** Seconds: a year for names that somebody has chosen, a day for those of a laptop, where TLS may be gone tomorrow. */
const HSTS_GIVEN = 31_536_000;
const HSTS_LOCAL = 86_400;

/** By the name that the certificate is good for. */
function addressFor(cert: string, { host, port }: EdgeAddress): string {
  const name = nameFor(cert, host);
  return `https://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

/**
 * Starts Kiln and resolves when its listener is open. Throws KilnError, with everything given back, when the host, the
 * configuration or the state directory does not allow it.
 */
export async function serve(config: Config): Promise<Server> {
  requireHost();
  plainModes();
  await using opened = new AsyncDisposableStack();
  const scope: Scope = { account: config.account, region: config.region };

  const directory = await lockStateDirectory(config.stateDir);
  opened.defer(() => directory.release());
  const sandboxReady = beginSandbox(config, opened);
  const keyRing = await openKeyRing({
    file: ringFile(config.stateDir),
    keyFile: config.keyFile,
    root: await openRoot(config.keyRoot),
    made: sayKeyFile,
    report,
  });
  opened.defer(() => keyRing.close());
  const sealer = createSealer(keyRing);
  const store = await openSqliteStore({ dir: join(config.stateDir, "store"), sealer });
  opened.defer(() => store.close());
  const { artifacts, images } = await openCode(config, store.blobs, opened);
  const runtimes = createRuntimes({
    dir: config.runtimesDir,
    mavenRepository: config.mavenRepository,
    openRepository: placesOfRuntimes(config),
    onProgress: sayProgress,
  });
  opened.defer(() => runtimes.close());
  const logs = createFunctionLogs({
    dir: join(config.stateDir, "logs"),
    sealer,
    maxBytesPerGroup: config.logGroupBytes,
    onLoss: (loss) => report(new KilnError("LOGS_LOST", `Log events could not be kept: ${JSON.stringify(loss)}`)),
  });
  opened.defer(() => logs.close());

  const sandbox = await sandboxReady();
  const worker = createWorker({
    sandbox,
    runtimes,
    logs,
    report,
    pool: { size: config.poolSize, ceiling: config.poolMax },
    reserve: (memoryMB) => invoker.reserve(memoryMB),
    // The port of the listener, so that URLs in answers (of queues, for one) are good inside and outside.
    kilnApi:
      config.functionApi === "on"
        ? () => ({ port: edge.port() ?? DEFAULT_PORT, onConnection: (socket) => edge.serve(socket) })
        : undefined,
  });
  opened.defer(() => worker.close(config.drainMs));

  const box = createSecretBox(sealer, await earlierSecretBox(config.secretKeyFile));
  const enforced = config.auth === "on";
  if (config.functionApi === "on" && !enforced) report(openFunctionApi());
  const identity = createIdentity({
    documents: store.documents,
    box,
    clock: systemClock,
    enforced,
    oidcIssuers: config.oidcIssuers,
  });
  opened.defer(() => identity.source.close());
  await settlePrincipals(store.documents, enforced, report);
  if (enforced) await requireDefaultRole(identity.entities, config.account);
  const { executionRoles, environmentMaxAgeMs } = await openExecutionRoles(config, identity, opened);

  const kms = createKms({
    documents: store.documents,
    policyProblem: (text) => policyProblem(text, "resource"),
    principals: identity.principals,
    report,
  });
  opened.defer(() => kms.close());

  const objects = await openObjectStore(config);
  if (objects) opened.defer(() => objects.close());

  const queues = createQueues({
    documents: store.documents,
    queue: store.queue,
    isPolicy: (text) => policyProblem(text, "resource") === undefined,
    principals: identity.principals,
    report,
  });
  opened.defer(() => queues.close());

  const results = createResults(store.documents, report);
  opened.defer(() => results.close());
  const polledQueues = await openQueues(config, queues);
  opened.defer(() => polledQueues.close());
  const streams = await openStreams(config);
  for (const service of streams) opened.defer(() => service.close());

  // The functions tell the invoker what has changed, and the invoker, made below, asks the functions what to run.
  const functions = createFunctions({
    policyProblem: (text) => policyProblem(text, "resource"),
    principals: identity.principals,
    documents: store.documents,
    artifacts,
    images,
    runtimes,
    snapStart: openSnapshots(worker, store.blobs),
    report,
    fetchObject: objects?.fetch,
    variableKeys: {
      seal: (...of) => sealVariables(kms, ...of),
      open: (...of) => openVariables(kms, ...of),
    },
    codeKeys: { make: (...of) => makeCodeKey(kms, ...of), open: (...of) => openCodeKey(kms, ...of) },
    checkSource: async (kind, arn, timeoutSeconds) => {
      if (kind === "sqs") await checkQueue(polledQueues.service, arn, timeoutSeconds);
      const service = streams.find((each) => each.kind === kind);
      if (service) await checkStream(service, arn);
    },
    polledSources: new Set(["sqs", ...streams.map(({ kind }) => kind)]),
    lastResult: (of, uuid) => results.of(of, uuid),
    ...(executionRoles && {
      credentialsFor: (wanted) => executionRoles.credentialsFor(wanted),
      requireRole: (wanted) => executionRoles.requireRole(wanted),
    }),
    limits: { concurrentExecutions: config.accountConcurrency },
    networks: { access: { kind: config.network.access }, catalog: config.network.catalog },
    fileSystems: config.fileSystems,
    retire: (of, name, version) => invoker.retire(of, name, version),
    provisioner: {
      provision: (of, name, wanted) => invoker.provision(of, name, wanted),
      state: (of, name, version) => invoker.state(of, name, version),
    },
  });
  opened.defer(() => functions.close());
  opened.defer(() => runtimes.stopBuilding());
  opened.defer(() => images.stop());
  const invoker: Invoker & Provisioner & Reserver = createInvoker({
    directory: functions.directory,
    worker,
    report,
    environmentIdleMs: config.environmentIdleMs,
    environmentMaxAgeMs,
    streamBandwidth: { ...DEFAULT_BANDWIDTH, bytesPerSecond: config.streamMBPerSecond * 1024 * 1024 },
    hostMemoryMB: config.environmentMemoryMB,
    growthPer10s: config.scalingRate,
    requestRate: config.requestRate,
    waitMs: config.startWaitMs * (sandbox.slowness ?? 1),
  });
  opened.defer(() => invoker.close(config.drainMs));
  const { deliver, close: closeDestinations } = await openDestinations(config, { queues, events: () => events });
  opened.defer(() => closeDestinations());
  const events: EventQueue = createEventQueue({
    queue: store.queue,
    directory: functions.directory,
    invoker,
    settings: functions.eventInvoke.settings,
    deliver,
    retryBaseMs: config.eventRetryMs,
    report,
  });
  opened.defer(() => events.close(config.drainMs));
  const sources = sourcesOf({
    documents: store.documents,
    queues: polledQueues.service,
    functions,
    invoker,
    deliver,
    streams,
    results,
  });
  opened.defer(() => sources.close(config.drainMs));

  const root =
    config.auth === "off"
      ? undefined
      : await openRootKey({
          file: rootKeyFile(config.stateDir),
          account: config.account,
          report,
        });
  const guard =
    root === undefined
      ? openGuard(scope)
      : guardOf({ root, identity, functions, queues, kms, networks: config.network.catalog }, config.region);

  const { audit, trails } = await openAuditing(config, store.documents, opened);

  const secret = await signingSecret(store.documents);
  const download = codeDownload({
    artifacts,
    keyOf: (of, name, sealed) => openCodeKey(kms, of, functionArn(of, name), sealed),
    secret,
    clock: systemClock,
  });
  const wire = createWire({
    services: servicesOf({
      lambda: { functions, invoker, events, download, variables: createVariables(kms, guard.authorizer) },
      logs,
      identity,
      trail: audit.log,
      trails,
      queues,
      kms,
      clock: systemClock,
    }),
    authenticator: guard.authenticator,
    authorizer: guard.authorizer,
    audit: audit.calls,
    onFault: report,
  });
  const urls = createUrlServer({
    urls: functions.urls,
    invoker,
    authorizer: guard.urlAuthorizer,
    audit: audit.calls,
    clock: systemClock,
    onFault: report,
  });
  const certificates = await openCertificates({
    ...config,
    host: config.listen.host,
    clock: systemClock,
    report,
  });
  opened.defer(() => certificates?.close());
  const metrics = createMetrics();
  opened.defer(async () => metrics.close());
  const edge = createEdge({
    ...config.listen,
    tls: certificates && { ...certificates, hstsSeconds: config.tls.kind === "local" ? HSTS_LOCAL : HSTS_GIVEN },
    handle: wire.handle,
    quick: { target: INVOKE_TARGET, handle: wire.handleWhole },
    byHost: urls.byHost,
    health: () => ({ status: "ok", isolation: sandbox.level }),
    routes: {
      [CODE_PATH.replace("/_kiln/", "")]: (request, response) => download.handle(request, response),
      "url/": urls.byPath,
      metrics: metricsPage(metrics),
    },
    onFault: report,
  });

  await functions.start();
  await queues.start();
  await kms.start();
  await events.start();
  await sources.start();
  const address = await edge.start();
  const url = certificates === undefined ? address.url : addressFor(certificates.current().cert, address);
  opened.defer(() => edge.stop(config.drainMs));
  const hand = (key: RootKey | undefined): Promise<void> =>
    writeClientFiles(config.stateDir, {
      url,
      caFile: certificates?.caFile,
      ...(config.tls.kind === "files" ? { certFile: config.tls.certFile } : {}),
      region: config.region,
      accessKeyId: key?.accessKeyId ?? config.account,
      secretAccessKey: key?.secretAccessKey ?? "kiln",
      pid: process.pid,
    });
  await hand(root?.current());
  root?.listen((key) => void hand(key).catch(report));
  opened.defer(() => removeClientFiles(config.stateDir));

  const stopWaiting = giveMemoryBack();
  opened.defer(async () => stopWaiting());
  const running = opened.move();
  return {
    url,
    reload: async () => certificates?.look(),
    stop: () => running.disposeAsync(),
  };
}
