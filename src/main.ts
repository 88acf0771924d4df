/** The composition root: the only place where implementations are chosen. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createArtifacts } from "./artifacts/artifacts.ts";
import type { ObjectFetcher } from "./artifacts/objects/fetch.ts";
import { createRuntimes, type BuildProgress } from "./artifacts/runtimes/index.ts";
import { systemClock } from "./base/clock.ts";
import { KilnError, messageOf } from "./base/errors.ts";
import { instanceName, type Config } from "./config/index.ts";
import { removeClientFiles, writeClientFiles } from "./edge/client-files/index.ts";
import { createEdge, type EdgeAddress } from "./edge/index.ts";
import { createFunctions, signingSecret } from "./functions/index.ts";
import type { Scope } from "./base/scope.ts";
import type { EventQueue, Invoker, Provisioner } from "./invoke/contract.ts";
import { createDestinations } from "./invoke/destinations/destinations.ts";
import { lambdaDestination } from "./invoke/destinations/lambda.ts";
import { sqsDestination } from "./invoke/destinations/sqs.ts";
import { createEventQueue } from "./invoke/event-queue/event-queue.ts";
import { createExecutionRoles, createIdentity, requireDefaultRole } from "./identity/index.ts";
import { createInvoker } from "./invoke/invoker.ts";
import { DEFAULT_BANDWIDTH } from "./invoke/streaming/bandwidth.ts";
import { createMetrics, metricsPage } from "./observability/metrics/index.ts";
import { createFunctionLogs } from "./observability/logs/index.ts";
import type { NetworkOptions } from "./sandbox/host/network/host-network.ts";
import type { Sandbox } from "./sandbox/contract.ts";
import { createGvisorSandbox } from "./sandbox/gvisor/gvisor-sandbox.ts";
import { mountMemoryDirectory } from "./sandbox/host/memory-directory.ts";
import { createContainerSandbox } from "./sandbox/jail/container-sandbox.ts";
import { createGuard, openGuard, type Guard } from "./security/access/guard.ts";
import { isPolicy } from "./security/policy/index.ts";
import { rootSource } from "./security/access/root-source.ts";
import { createSealer, openKeyRing, ringFile } from "./security/keys/index.ts";
import { earlierSecretBox } from "./security/secrets/earlier-box.ts";
import { createSecretBox } from "./security/secrets/secret-box.ts";
import { logDirectory, openAudit } from "./security/audit/audit.ts";
import { openAuditKey } from "./security/audit/key.ts";
import type { Bucket } from "./security/audit/trails/contract.ts";
import { directoryBucket } from "./security/audit/trails/directory-bucket.ts";
import { progressDirectory } from "./security/audit/trails/progress.ts";
import { createTrails } from "./security/audit/trails/trails.ts";
import type { LogLimits } from "./security/audit/writer.ts";
import { nameFor, openCertificates } from "./security/tls/index.ts";
import { openRootKey, rootKeyFile, type RootKey } from "./security/root/root-key.ts";
import { cloudTrailService } from "./services/cloudtrail/index.ts";
import { cloudTrailPermissions } from "./services/cloudtrail/permissions.ts";
import { iamService } from "./services/iam/index.ts";
import { iamPermissions } from "./services/iam/permissions.ts";
import { sqsService } from "./services/sqs/index.ts";
import { sqsPermissions } from "./services/sqs/permissions.ts";
import { CODE_PATH, codeDownload, lambdaService } from "./services/lambda/index.ts";
import { kmsService } from "./services/kms/index.ts";
import { kmsPermissions } from "./services/kms/permissions.ts";
import { lambdaPermissions } from "./services/lambda/permissions.ts";
import { logsService } from "./services/logs/index.ts";
import { logsPermissions } from "./services/logs/permissions.ts";
import { stsService } from "./services/sts/index.ts";
import { stsPermissions } from "./services/sts/permissions.ts";
import { createUrlServer } from "./services/urls/index.ts";
import { requireKeyOfVariables } from "./kms/for-functions.ts";
import { createKms } from "./kms/kms.ts";
import { createQueues } from "./queues/queues.ts";
import type { SourceMapping } from "./sources/contract.ts";
import { createSources } from "./sources/manager.ts";
import { createResults } from "./sources/results.ts";
import { checkQueue } from "./sources/sqs/check.ts";
import { sqsSource } from "./sources/sqs/poller.ts";
import { checkStream } from "./sources/streams/check.ts";
import { removeCheckpoints, sweepCheckpoints } from "./sources/streams/checkpoints.ts";
import type { ClosableStreamService } from "./sources/streams/contract.ts";
import { streamSource } from "./sources/streams/poller.ts";
import { lockStateDirectory } from "./store/owner.ts";
import { openSqliteStore } from "./store/sqlite/open.ts";
import { constraintTables, createWire } from "./wire/index.ts";
import { createWorker } from "./worker/worker.ts";

export interface Server {
  /** `http://host:port` of the listener, or `https://…`. */
  url: string;
  /** Takes certificates that have changed. */
  reload(): Promise<void>;
  /** Refuses new requests, lets running calls finish up to the configured time, and gives everything back. */
  stop(): Promise<void>;
}

/** Failures that no caller waits for: the operator reads them on standard error. */
function report(error: unknown): void {
  const hint = error instanceof KilnError && error.hint !== undefined ? ` ${error.hint}` : "";
  const cause = error instanceof Error && error.cause !== undefined ? ` (${messageOf(error.cause)})` : "";
  process.stderr.write(`${new Date().toISOString()} kiln: ${messageOf(error)}${cause}${hint}\n`);
}

/** Images of runtimes that are built because a function wants them. */
function sayProgress({ id, step, done, total }: BuildProgress): void {
  const percent = Math.floor((100 * done) / total);
  process.stderr.write(`${new Date().toISOString()} kiln: runtime image ${id}: ${step} (${percent}%)\n`);
}

function sayKeyFile(file: string): void {
  process.stderr.write(
    `${new Date().toISOString()} kiln: ${file} has the key of everything in the state directory. Keep a copy of it elsewhere.\n`,
  );
}

/** Inside of functions that start before the listener has a port. */
const DEFAULT_PORT = 4566;

/** Said at every start: it is the one setting that takes the walls around functions down. */
function openFunctionApi(): KilnError {
  return new KilnError(
    "FUNCTION_API_OPEN",
    "KILN_FUNCTION_API is on without authentication: every function can read and change everything here.",
    { hint: "Run only your own code, or add --auth on: then functions can do what their roles allow." },
  );
}

/** Seconds: a year for names that somebody has chosen, a day for those of a laptop, where TLS may be gone tomorrow. */
const HSTS_GIVEN = 31_536_000;
const HSTS_LOCAL = 86_400;

/** By the name that the certificate is good for. */
function addressFor(cert: string, { host, port }: EdgeAddress): string {
  const name = nameFor(cert, host);
  return `https://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

function requireHost(): void {
  if (process.platform !== "linux") {
    throw new KilnError("NOT_LINUX", `This is ${process.platform}, and Kiln runs on Linux only.`, {
      hint: "It isolates functions with Linux namespaces, cgroups and seccomp: run it on a Linux machine.",
    });
  }
  if (process.getuid?.() !== 0) {
    throw new KilnError("NEEDS_ROOT", "kiln serve needs root: it makes namespaces, cgroups and mounts for the jails.", {
      hint: "Run it as root, for instance with sudo.",
    });
  }
}

/** Nothing where no function may reach anybody: then the host's network is left alone. */
function networkOptions({ network }: Config): { network?: NetworkOptions } {
  const { access, catalog, cidr, uplinks, limits, resolvers } = network;
  if (access === "none" && catalog === undefined) return {};
  return { network: { cidr, uplinks, limits, report, ...(resolvers === undefined ? {} : { resolvers }) } };
}

/** `auto` is the container: gVisor is stronger, but not at full speed, and the choice of those who say so. */
function openSandbox(config: Config): Promise<Sandbox> {
  const instance = instanceName(config.stateDir);
  const options = { runDir: join(config.runDir, instance), instance, ...networkOptions(config) };
  if (config.isolation === "gvisor") return createGvisorSandbox(options);
  return createContainerSandbox({ ...options, ociRuntimes: config.ociRuntimes });
}

/** Where the files of trails go. The client of S3 is loaded by those who have use for it. */
async function openBuckets({ audit, objectStore }: Config): Promise<Bucket & { close(): void }> {
  if (audit.bucketsDir !== undefined) return { ...directoryBucket(audit.bucketsDir), close: () => undefined };
  if (objectStore === undefined) {
    throw new KilnError("CONFIG_INVALID", "KILN_AUDIT_BUCKETS is s3, and there is no KILN_S3_ENDPOINT.", {
      hint: "Name the store, or give a directory.",
    });
  }
  const { s3Bucket } = await import("./security/audit/trails/s3-bucket.ts");
  return s3Bucket(objectStore);
}

/** Files of the log are small enough to be read as a whole, and many enough for the oldest to go one by one. */
function auditLimits({ audit }: Config): LogLimits {
  const segmentBytes = 4 * 1024 * 1024;
  return { segmentBytes, totalBytes: audit.bytes, retentionMs: audit.retentionMs, waitingBytes: 16 * 1024 * 1024 };
}

/** Unpacked code lies in memory. The bound is checked after each image, so that a little more than it may be there. */
async function placeOfImages(
  { stateDir, runDir, codeMemoryBytes }: Config,
  opened: AsyncDisposableStack,
): Promise<{ dir: string; maxImageBytes?: number }> {
  const onDisk = join(stateDir, "artifacts");
  if (codeMemoryBytes === 0) return { dir: onDisk };
  await rm(onDisk, { recursive: true, force: true });
  const dir = join(runDir, `${instanceName(stateDir)}-code`);
  const memory = mountMemoryDirectory(dir);
  opened.defer(() => memory.close());
  return { dir, maxImageBytes: codeMemoryBytes };
}

/** The client of S3 is large, and most have no use for it: it is loaded by those who have. */
async function openObjectStore({ objectStore }: Config): Promise<ObjectFetcher | undefined> {
  if (!objectStore) return undefined;
  const { createObjectFetcher } = await import("./artifacts/objects/fetch.ts");
  return createObjectFetcher(objectStore);
}

/** The clients of streams are loaded by those who have such a server. */
async function openStreams({ eventSources }: Config): Promise<readonly ClosableStreamService[]> {
  const services: ClosableStreamService[] = [];
  if (eventSources.kinesis) {
    const { kinesisService } = await import("./sources/kinesis/service.ts");
    services.push(kinesisService(eventSources.kinesis));
  }
  if (eventSources.dynamodb) {
    const { dynamodbService } = await import("./sources/dynamodb/service.ts");
    services.push(dynamodbService(eventSources.dynamodb));
  }
  return services;
}

/**
 * Starts Kiln and resolves when its listener is open. Throws KilnError, with everything given back, when the host, the
 * configuration or the state directory does not allow it.
 */
export async function serve(config: Config): Promise<Server> {
  requireHost();
  await using opened = new AsyncDisposableStack();
  const scope: Scope = { account: config.account, region: config.region };

  const directory = await lockStateDirectory(config.stateDir);
  opened.defer(() => directory.release());
  const keyRing = await openKeyRing({
    file: ringFile(config.stateDir),
    keyFile: config.keyFile,
    made: sayKeyFile,
    report,
  });
  opened.defer(() => keyRing.close());
  const sealer = createSealer(keyRing);
  const store = await openSqliteStore({ dir: join(config.stateDir, "store"), sealer });
  opened.defer(() => store.close());
  const artifacts = await createArtifacts({ blobs: store.blobs, ...(await placeOfImages(config, opened)) });
  const runtimes = createRuntimes({
    dir: config.runtimesDir,
    mavenRepository: config.mavenRepository,
    onProgress: sayProgress,
  });
  opened.defer(() => runtimes.close());
  const logs = createFunctionLogs({
    dir: join(config.stateDir, "logs"),
    maxBytesPerGroup: config.logGroupBytes,
    onLoss: (loss) => report(new KilnError("LOGS_LOST", `Log events could not be kept: ${JSON.stringify(loss)}`)),
  });
  opened.defer(() => logs.close());

  const sandbox = await openSandbox(config);
  opened.defer(() => sandbox.close());
  const worker = createWorker({
    sandbox,
    runtimes,
    logs,
    report,
    pool: { size: config.poolSize, ceiling: config.poolMax },
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
  if (enforced) await requireDefaultRole(identity.entities, config.account);
  const executionRoles = createExecutionRoles(identity, config.environmentMaxAgeMs);

  const kms = createKms({ documents: store.documents, report });
  opened.defer(() => kms.close());

  const objects = await openObjectStore(config);
  if (objects) opened.defer(() => objects.close());

  const queues = createQueues({
    documents: store.documents,
    queue: store.queue,
    isPolicy: (text) => isPolicy(text, "resource"),
    report,
  });
  opened.defer(() => queues.close());

  const results = createResults(store.documents, report);
  opened.defer(() => results.close());
  const streams = await openStreams(config);
  for (const service of streams) opened.defer(() => service.close());

  // The functions tell the invoker what has changed, and the invoker, made below, asks the functions what to run.
  const functions = createFunctions({
    documents: store.documents,
    artifacts,
    runtimes,
    report,
    fetchObject: objects?.fetch,
    requireKey: (of, keyArn) => requireKeyOfVariables(kms, of, keyArn),
    checkSource: async (kind, arn, timeoutSeconds) => {
      if (kind === "sqs") await checkQueue(queues, arn, timeoutSeconds);
      const service = streams.find((each) => each.kind === kind);
      if (service) await checkStream(service, arn);
    },
    polledSources: new Set(["sqs", ...streams.map(({ kind }) => kind)]),
    lastResult: (of, uuid) => results.of(of, uuid),
    ...(enforced
      ? {
          credentialsFor: (wanted) => executionRoles.credentialsFor(wanted),
          requireRole: (wanted) => executionRoles.requireRole(wanted),
        }
      : {}),
    limits: { concurrentExecutions: config.accountConcurrency },
    networks: { access: { kind: config.network.access }, catalog: config.network.catalog },
    retire: (of, name, version) => invoker.retire(of, name, version),
    provisioner: {
      provision: (of, name, wanted) => invoker.provision(of, name, wanted),
      state: (of, name, version) => invoker.state(of, name, version),
    },
  });
  opened.defer(() => functions.close());
  opened.defer(() => runtimes.stopBuilding());
  const invoker: Invoker & Provisioner = createInvoker({
    directory: functions.directory,
    worker,
    report,
    environmentIdleMs: config.environmentIdleMs,
    environmentMaxAgeMs: config.environmentMaxAgeMs,
    streamBandwidth: { ...DEFAULT_BANDWIDTH, bytesPerSecond: config.streamMBPerSecond * 1024 * 1024 },
    growthPer10s: config.scalingRate,
    requestRate: config.requestRate,
    waitMs: config.startWaitMs,
  });
  opened.defer(() => invoker.close(config.drainMs));
  const deliver = createDestinations({ lambda: lambdaDestination(() => events), sqs: sqsDestination(queues) });
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
  const roleOf = async ({ scope: of, functionName, qualifier }: SourceMapping): Promise<string> =>
    (await functions.get(of, functionName, qualifier)).version.settings.Role;
  const sources = createSources({
    feed: functions.mappings.feed,
    pollers: {
      sqs: sqsSource({ queues, invoker, report }),
      ...Object.fromEntries(
        streams.map((service) => [
          service.kind,
          streamSource({ service, documents: store.documents, invoker, deliver, results, roleOf, report }),
        ]),
      ),
    },
    report,
    async forget(mapping) {
      await removeCheckpoints(store.documents, mapping);
      await results.forget(mapping.scope, mapping.uuid);
    },
    async sweep(isKnown) {
      await sweepCheckpoints(store.documents, isKnown);
      await results.sweep(isKnown);
    },
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
  const guard: Guard =
    root === undefined
      ? openGuard(scope)
      : createGuard({
          credentials: rootSource(root, identity.source),
          tables: {
            lambda: lambdaPermissions,
            logs: logsPermissions,
            iam: iamPermissions(identity),
            sts: stsPermissions,
            cloudtrail: cloudTrailPermissions,
            sqs: sqsPermissions,
            kms: kmsPermissions(kms),
          },
          policyOf: (arn) => {
            const service = arn.split(":")[2];
            if (service === "kms") return kms.policyOf(arn);
            return service === "sqs" ? queues.policyOf(arn) : functions.policies.textOf(arn);
          },
          tagsOf: async (arn) => (await functions.tags.ofArn(arn)) ?? (await kms.tagsOf(arn)) ?? identity.tagsOf(arn),
          region: config.region,
          clock: systemClock,
        });

  const auditKey = await openAuditKey(config.audit.keyFile);
  const audit = await openAudit({
    dir: logDirectory(config.stateDir),
    key: auditKey,
    defaults: scope,
    limits: auditLimits(config),
    dataEvents: config.audit.dataEvents,
    strangers: { perSecond: config.audit.strangersPerSecond, burst: 10 * config.audit.strangersPerSecond },
    clock: systemClock,
    report,
  });
  opened.defer(() => audit.close());
  const bucket = await openBuckets(config);
  opened.defer(() => bucket.close());
  const trails = createTrails({
    documents: store.documents,
    log: audit.log,
    bucket,
    key: auditKey,
    dir: progressDirectory(config.stateDir),
    deliveryMs: config.audit.deliveryMs,
    digestMs: config.audit.digestMs,
    recordsDataEvents: config.audit.dataEvents,
    clock: systemClock,
    report,
  });
  opened.defer(() => trails.close());
  trails.start();

  const secret = await signingSecret(store.documents);
  const download = codeDownload({ artifacts, secret, clock: systemClock });
  const handle = createWire({
    services: [
      lambdaService({ functions, invoker, events, download, constraints: constraintTables["lambda"] }),
      logsService({ logs, constraints: constraintTables["logs"] }),
      // A form without a signature can only be for STS, which comes first.
      stsService({ identity, constraints: constraintTables["sts"] }),
      cloudTrailService({ log: audit.log, trails, clock: systemClock, constraints: constraintTables["cloudtrail"] }),
      iamService({ identity, constraints: constraintTables["iam"] }),
      sqsService({ queues, constraints: constraintTables["sqs"] }),
      kmsService({ kms }),
    ],
    authenticator: guard.authenticator,
    authorizer: guard.authorizer,
    audit: audit.calls,
    onFault: report,
  });
  const urls = createUrlServer({
    urls: functions.urls,
    invoker,
    authorizer: guard.urlAuthorizer,
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
    tls: certificates && { ...certificates, hstsSeconds: config.tls.kind === "files" ? HSTS_GIVEN : HSTS_LOCAL },
    handle,
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

  const running = opened.move();
  return {
    url,
    reload: async () => certificates?.look(),
    stop: () => running.disposeAsync(),
  };
}
