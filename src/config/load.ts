/** Flags, then environment variables, then defaults → one frozen Config. */
import type { Config } from "./config.ts";
import { fileSystemCatalog } from "./file-systems.ts";
import { keyRootOf } from "./key-root.ts";
import { networkCatalog } from "./networks.ts";
import type { Setting } from "./readers.ts";
import { refuseWhatIsNotSafe } from "./safety.ts";
import { bucketsOf, endpointsOf, externalStsOf, objectStoreOf } from "./services.ts";
import { settings } from "./settings.ts";
import { tlsOf } from "./tls.ts";

const MIB = 1024 * 1024;
const day = 24 * 60 * 60 * 1000;

/** What the command line may set; everything else comes from the environment. */
export interface Overrides {
  state?: string;
  listen?: string;
  tls?: string;
  tlsCert?: string;
  tlsKey?: string;
  isolation?: string;
  auth?: string;
  runtimes?: string;
}

export function loadConfig(overrides: Overrides = {}, environment: NodeJS.ProcessEnv = process.env): Config {
  function value<T>(name: keyof typeof settings, setting: Setting<T>): T {
    const flag = (overrides as Record<string, string | undefined>)[name];
    if (flag !== undefined)
      return setting.read(flag, `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
    return setting.read(environment[setting.env] ?? setting.fallback, setting.env);
  }
  const config: Config = {
    stateDir: value("state", settings.state),
    runtimesDir: value("runtimes", settings.runtimes),
    mavenRepository: value("mavenRepository", settings.mavenRepository) || settings.mavenRepository.fallback,
    runDir: value("run", settings.run),
    listen: Object.freeze(value("listen", settings.listen)),
    tls: Object.freeze(
      tlsOf({
        kind: value("tls", settings.tls),
        certFile: value("tlsCert", settings.tlsCert),
        keyFile: value("tlsKey", settings.tlsKey),
        names: value("tlsNames", settings.tlsNames),
        directoryUrl: value("acmeDirectory", settings.acmeDirectory),
        email: value("acmeEmail", settings.acmeEmail),
        bindingFile: value("acmeBinding", settings.acmeBinding),
        challenges: value("acmeListen", settings.acmeListen),
      }),
    ),
    isolation: value("isolation", settings.isolation),
    auth: value("auth", settings.auth),
    keyFile: value("keyFile", settings.keyFile) || `${value("state", settings.state)}.key`,
    keyRoot: Object.freeze(
      keyRootOf({
        passphrase: value("keyPassphrase", settings.keyPassphrase),
        kms: value("keyKms", settings.keyKms),
        kmsEndpoint: value("keyKmsEndpoint", settings.keyKmsEndpoint),
        vault: value("keyVault", settings.keyVault),
        vaultToken: value("keyVaultToken", settings.keyVaultToken),
        region: value("region", settings.region),
      }),
    ),
    secretKeyFile: value("secretKeyFile", settings.secretKeyFile) || `${value("state", settings.state)}/secret.key`,
    functionApi: value("functionApi", settings.functionApi),
    account: value("account", settings.account),
    externalSts: externalStsOf(value("stsEndpoint", settings.stsEndpoint), value("stsSession", settings.stsSession)),
    oidcIssuers: value("oidcIssuers", settings.oidcIssuers),
    region: value("region", settings.region),
    accountConcurrency: value("accountConcurrency", settings.accountConcurrency),
    environmentIdleMs: value("environmentIdle", settings.environmentIdle),
    environmentMaxAgeMs: value("environmentMaxAge", settings.environmentMaxAge),
    ociRuntimes: value("ociRuntimes", settings.ociRuntimes),
    poolSize: value("poolSize", settings.poolSize),
    streamMBPerSecond: value("streamRate", settings.streamRate),
    poolMax: value("poolMax", settings.poolMax),
    scalingRate: value("scalingRate", settings.scalingRate),
    environmentMemoryMB: value("environmentMemory", settings.environmentMemory) || Number.POSITIVE_INFINITY,
    requestRate: value("requestRate", settings.requestRate) || Number.POSITIVE_INFINITY,
    startWaitMs: value("startWait", settings.startWait),
    eventRetryMs: value("eventRetry", settings.eventRetry),
    codeMemoryBytes: value("codeMemory", settings.codeMemory) * MIB,
    logGroupBytes: value("logGroupBytes", settings.logGroupBytes),
    registries: Object.freeze([
      ...value("registries", settings.registries),
      Object.freeze({
        host: "localhost",
        at: value("images", settings.images) || `${value("state", settings.state)}/images`,
      }),
    ]),
    registryCredentials: value("registryConfig", settings.registryConfig) || undefined,
    objectStore: objectStoreOf({
      endpoint: value("s3Endpoint", settings.s3Endpoint),
      region: value("s3Region", settings.s3Region) || value("region", settings.region),
      accessKeyId: value("s3AccessKeyId", settings.s3AccessKeyId),
      secretAccessKey: value("s3SecretAccessKey", settings.s3SecretAccessKey),
    }),
    eventSources: endpointsOf(
      "KILN_EVENT_SOURCE",
      {
        sqs: value("sqsEndpoint", settings.sqsEndpoint),
        kinesis: value("kinesisEndpoint", settings.kinesisEndpoint),
        dynamodb: value("dynamodbStreamsEndpoint", settings.dynamodbStreamsEndpoint),
      },
      {
        accessKeyId: value("eventSourceAccessKeyId", settings.eventSourceAccessKeyId),
        secretAccessKey: value("eventSourceSecretAccessKey", settings.eventSourceSecretAccessKey),
      },
    ),
    destinations: endpointsOf(
      "KILN_DESTINATION",
      {
        sns: value("snsEndpoint", settings.snsEndpoint),
        eventBridge: value("eventBridgeEndpoint", settings.eventBridgeEndpoint),
      },
      {
        accessKeyId: value("destinationAccessKeyId", settings.destinationAccessKeyId),
        secretAccessKey: value("destinationSecretAccessKey", settings.destinationSecretAccessKey),
      },
    ),
    network: Object.freeze({
      access: value("network", settings.network),
      cidr: value("networkCidr", settings.networkCidr),
      uplinks: value("networkUplinks", settings.networkUplinks),
      resolvers: value("networkDns", settings.networkDns),
      catalog: networkCatalog(value("networks", settings.networks)),
      limits: Object.freeze({
        connections: value("networkConnections", settings.networkConnections),
        packets: value("networkPackets", settings.networkPackets),
        bytes: value("networkBytes", settings.networkBytes),
      }),
    }),
    disk: Object.freeze({
      bytes: value("diskBytes", settings.diskBytes),
      operations: value("diskOperations", settings.diskOperations),
    }),
    fileSystems: fileSystemCatalog(value("fileSystems", settings.fileSystems), [
      value("state", settings.state),
      value("run", settings.run),
      value("runtimes", settings.runtimes),
      // Beside the state directory unless they are named.
      value("keyFile", settings.keyFile),
      value("secretKeyFile", settings.secretKeyFile),
      value("auditKeyFile", settings.auditKeyFile),
      value("auditBuckets", settings.auditBuckets),
      value("tlsKey", settings.tlsKey),
      value("acmeBinding", settings.acmeBinding),
      value("keyPassphrase", settings.keyPassphrase),
      value("keyVaultToken", settings.keyVaultToken),
      value("registryConfig", settings.registryConfig),
    ]),
    audit: Object.freeze({
      keyFile: value("auditKeyFile", settings.auditKeyFile) || `${value("state", settings.state)}.audit.key`,
      earlierKeyFile: `${value("state", settings.state)}/audit.key`,
      witnessFile: `${value("state", settings.state)}.audit.seen`,
      dataEvents: value("auditDataEvents", settings.auditDataEvents) === "on",
      retentionMs: value("auditDays", settings.auditDays) * day,
      bytes: value("auditBytes", settings.auditBytes),
      strangersPerSecond: value("auditStrangers", settings.auditStrangers),
      bucketsDir: bucketsOf(value("auditBuckets", settings.auditBuckets), value("state", settings.state)),
      deliveryMs: value("auditDelivery", settings.auditDelivery),
      digestMs: value("auditDigest", settings.auditDigest),
    }),
    drainMs: value("drain", settings.drain),
  };
  refuseWhatIsNotSafe(config, value("tls", settings.tls) === "off");
  return Object.freeze(config);
}
