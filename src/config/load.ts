/** Flags, then environment variables, then defaults → one frozen Config. */
import { totalmem } from "node:os";
import { KilnError } from "../base/errors.ts";
import type { Config, ServiceEndpoint, ObjectStore } from "./config.ts";
import { fileSystemCatalog } from "./file-systems.ts";
import { keyRootOf } from "./key-root.ts";
import { networkCatalog } from "./networks.ts";
import { tlsOf } from "./tls.ts";
import {
  absolutePath,
  absolutePathOrNothing,
  anything,
  hostAndPort,
  httpUrlOrNothing,
  imagePlaces,
  ipv4Range,
  listOf,
  oidcIssuers,
  oneOf,
  pattern,
  resolvers,
  wholeNumber,
  type Setting,
} from "./settings.ts";

const MIB = 1024 * 1024;
const day = 24 * 60 * 60 * 1000;

export const settings = {
  state: { env: "KILN_STATE", fallback: "/var/lib/kiln", read: absolutePath },
  runtimes: { env: "KILN_RUNTIMES", fallback: "/var/cache/kiln/runtimes", read: absolutePath },
  mavenRepository: { env: "KILN_MAVEN_REPOSITORY", fallback: "https://repo1.maven.org/maven2", read: httpUrlOrNothing },
  run: { env: "KILN_RUN", fallback: "/run/kiln", read: absolutePath },
  listen: { env: "KILN_LISTEN", fallback: "127.0.0.1:4566", read: hostAndPort },
  tls: { env: "KILN_TLS", fallback: "", read: oneOf("", "off", "local", "acme") },
  tlsCert: { env: "KILN_TLS_CERT", fallback: "", read: absolutePathOrNothing },
  tlsKey: { env: "KILN_TLS_KEY", fallback: "", read: absolutePathOrNothing },
  tlsNames: {
    env: "KILN_TLS_NAMES",
    fallback: "",
    read: listOf(
      /^((\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|[0-9a-f:]*:[0-9a-f:]*)$/,
      "host names and addresses, separated by commas",
    ),
  },
  acmeDirectory: {
    env: "KILN_ACME_DIRECTORY",
    fallback: "https://acme-v02.api.letsencrypt.org/directory",
    read: pattern(/^https:\/\/[^\s]{1,500}$/, "the address of an ACME directory, https://…"),
  },
  acmeEmail: {
    env: "KILN_ACME_EMAIL",
    fallback: "",
    read: pattern(/^([^\s@,?]{1,200}@[^\s@,?]{1,200})?$/, "one address, or nothing"),
  },
  acmeBinding: { env: "KILN_ACME_EAB_FILE", fallback: "", read: absolutePathOrNothing },
  acmeListen: { env: "KILN_ACME_LISTEN", fallback: "0.0.0.0:80", read: hostAndPort },
  isolation: { env: "KILN_ISOLATION", fallback: "auto", read: oneOf("auto", "container", "gvisor", "microvm") },
  auth: { env: "KILN_AUTH", fallback: "on", read: oneOf("on", "off") },
  keyFile: { env: "KILN_KEY_FILE", fallback: "", read: absolutePathOrNothing },
  keyPassphrase: { env: "KILN_KEY_PASSPHRASE_FILE", fallback: "", read: absolutePathOrNothing },
  keyKms: {
    env: "KILN_KEY_KMS",
    fallback: "",
    read: pattern(/^[\w:/-]{0,2048}$/, "the ARN, the id or the alias of a KMS key"),
  },
  keyKmsEndpoint: { env: "KILN_KEY_KMS_ENDPOINT", fallback: "", read: httpUrlOrNothing },
  keyVault: {
    env: "KILN_KEY_VAULT",
    fallback: "",
    read: pattern(
      /^(https?:\/\/\S{1,500}\/keys\/[\w.-]+)?$/,
      "a key's address, https://vault:8200/v1/transit/keys/NAME",
    ),
  },
  keyVaultToken: { env: "KILN_KEY_VAULT_TOKEN_FILE", fallback: "", read: absolutePathOrNothing },
  secretKeyFile: { env: "KILN_SECRET_KEY_FILE", fallback: "", read: anything },
  stsEndpoint: { env: "KILN_STS_ENDPOINT", fallback: "", read: httpUrlOrNothing },
  // AWS's least is 900 s; an environment lives for what a session has beyond its last call.
  stsSession: { env: "KILN_STS_SESSION_SECONDS", fallback: "3600", read: wholeNumber(1800, 43_200) },
  oidcIssuers: { env: "KILN_OIDC_ISSUERS", fallback: "", read: oidcIssuers },
  functionApi: { env: "KILN_FUNCTION_API", fallback: "off", read: oneOf("on", "off") },
  account: { env: "KILN_ACCOUNT", fallback: "000000000000", read: pattern(/^\d{12}$/, "12 digits") },
  region: {
    env: "KILN_REGION",
    fallback: "us-east-1",
    read: pattern(/^[a-z]{2,8}(-[a-z0-9]{1,12}){1,3}$/, "a region, for instance eu-central-1"),
  },
  accountConcurrency: { env: "KILN_ACCOUNT_CONCURRENCY", fallback: "1000", read: wholeNumber(1, 1_000_000) },
  environmentMemory: { env: "KILN_ENVIRONMENT_MEMORY_MB", fallback: "0", read: wholeNumber(0, 100_000_000) },
  environmentIdle: { env: "KILN_ENVIRONMENT_IDLE_MS", fallback: "600000", read: wholeNumber(100, day) },
  environmentMaxAge: {
    env: "KILN_ENVIRONMENT_MAX_AGE_MS",
    fallback: String(14 * 60 * 60 * 1000),
    read: wholeNumber(1000, 30 * day),
  },
  ociRuntimes: {
    env: "KILN_OCI_RUNTIMES",
    fallback: "crun,runc",
    read: listOf(/^[\w.@/-]{1,255}$/, "names or paths of OCI runtimes, separated by commas"),
  },
  poolSize: { env: "KILN_POOL_SIZE", fallback: "1", read: wholeNumber(0, 100) },
  streamRate: { env: "KILN_STREAM_MB_PER_SECOND", fallback: "2", read: wholeNumber(0, 100_000) },
  poolMax: { env: "KILN_POOL_MAX", fallback: "8", read: wholeNumber(0, 1000) },
  scalingRate: { env: "KILN_SCALING_RATE", fallback: "1000", read: wholeNumber(1, 1_000_000) },
  requestRate: { env: "KILN_REQUEST_RATE", fallback: "10", read: wholeNumber(0, 1_000_000) },
  startWait: { env: "KILN_START_WAIT_MS", fallback: "20000", read: wholeNumber(0, 900_000) },
  eventRetry: { env: "KILN_EVENT_RETRY_MS", fallback: "60000", read: wholeNumber(1, day) },
  codeMemory: {
    env: "KILN_CODE_MEMORY_MB",
    fallback: String(Math.max(256, Math.floor(totalmem() / 4 / MIB))),
    read: wholeNumber(0, 10_000_000),
  },
  logGroupBytes: {
    env: "KILN_LOG_GROUP_BYTES",
    fallback: String(64 * 1024 * 1024),
    read: wholeNumber(1024 * 1024, 1024 ** 4),
  },
  registries: { env: "KILN_REGISTRIES", fallback: "", read: imagePlaces },
  registryConfig: { env: "KILN_REGISTRY_CONFIG", fallback: "", read: absolutePathOrNothing },
  images: { env: "KILN_IMAGES", fallback: "", read: absolutePathOrNothing },
  s3Endpoint: { env: "KILN_S3_ENDPOINT", fallback: "", read: httpUrlOrNothing },
  s3Region: { env: "KILN_S3_REGION", fallback: "", read: anything },
  s3AccessKeyId: { env: "KILN_S3_ACCESS_KEY_ID", fallback: "", read: anything },
  s3SecretAccessKey: { env: "KILN_S3_SECRET_ACCESS_KEY", fallback: "", read: anything },
  sqsEndpoint: { env: "KILN_SQS_ENDPOINT", fallback: "", read: httpUrlOrNothing },
  kinesisEndpoint: { env: "KILN_KINESIS_ENDPOINT", fallback: "", read: httpUrlOrNothing },
  dynamodbStreamsEndpoint: { env: "KILN_DYNAMODB_STREAMS_ENDPOINT", fallback: "", read: httpUrlOrNothing },
  eventSourceAccessKeyId: { env: "KILN_EVENT_SOURCE_ACCESS_KEY_ID", fallback: "", read: anything },
  eventSourceSecretAccessKey: { env: "KILN_EVENT_SOURCE_SECRET_ACCESS_KEY", fallback: "", read: anything },
  snsEndpoint: { env: "KILN_SNS_ENDPOINT", fallback: "", read: httpUrlOrNothing },
  eventBridgeEndpoint: { env: "KILN_EVENTBRIDGE_ENDPOINT", fallback: "", read: httpUrlOrNothing },
  destinationAccessKeyId: { env: "KILN_DESTINATION_ACCESS_KEY_ID", fallback: "", read: anything },
  destinationSecretAccessKey: { env: "KILN_DESTINATION_SECRET_ACCESS_KEY", fallback: "", read: anything },
  network: { env: "KILN_NETWORK", fallback: "internet", read: oneOf("internet", "none") },
  networkCidr: { env: "KILN_NETWORK_CIDR", fallback: "198.18.0.0/16", read: ipv4Range(8, 20) },
  networks: { env: "KILN_NETWORKS", fallback: "", read: absolutePathOrNothing },
  diskBytes: { env: "KILN_DISK_BYTES", fallback: "0", read: wholeNumber(0, 1_000_000_000_000) },
  diskOperations: { env: "KILN_DISK_OPERATIONS", fallback: "0", read: wholeNumber(0, 4_000_000_000) },
  fileSystems: { env: "KILN_FILE_SYSTEMS", fallback: "", read: absolutePathOrNothing },
  networkUplinks: {
    env: "KILN_NETWORK_UPLINKS",
    fallback: "",
    read: listOf(/^[\w.@-]{1,15}$/, "names of network interfaces, separated by commas"),
  },
  networkDns: { env: "KILN_NETWORK_DNS", fallback: "host", read: resolvers },
  // AWS: a function has 1,024 descriptors, and a connection needs one.
  networkConnections: { env: "KILN_NETWORK_CONNECTIONS", fallback: "1024", read: wholeNumber(0, 1_000_000) },
  networkPackets: { env: "KILN_NETWORK_PACKETS", fallback: "50000", read: wholeNumber(0, 100_000_000) },
  networkBytes: { env: "KILN_NETWORK_BYTES", fallback: "125000000", read: wholeNumber(0, 4_000_000_000) },
  auditKeyFile: { env: "KILN_AUDIT_KEY_FILE", fallback: "", read: absolutePathOrNothing },
  auditDataEvents: { env: "KILN_AUDIT_DATA_EVENTS", fallback: "off", read: oneOf("on", "off") },
  // CloudTrail's event history has 90 days.
  auditDays: { env: "KILN_AUDIT_DAYS", fallback: "90", read: wholeNumber(1, 36_500) },
  auditBytes: {
    env: "KILN_AUDIT_BYTES",
    fallback: String(1024 ** 3),
    read: wholeNumber(16 * 1024 * 1024, 1024 ** 4),
  },
  auditStrangers: { env: "KILN_AUDIT_STRANGERS_PER_SECOND", fallback: "10", read: wholeNumber(0, 1_000_000) },
  auditBuckets: { env: "KILN_AUDIT_BUCKETS", fallback: "", read: anything },
  auditDelivery: { env: "KILN_AUDIT_DELIVERY_MS", fallback: "300000", read: wholeNumber(100, day) },
  auditDigest: { env: "KILN_AUDIT_DIGEST_MS", fallback: "3600000", read: wholeNumber(1000, day) },
  drain: { env: "KILN_DRAIN_MS", fallback: "900000", read: wholeNumber(0, 900_000) },
} satisfies Record<string, Setting<unknown>>;

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

function externalStsOf(endpoint: string, sessionSeconds: number): Config["externalSts"] {
  return endpoint === "" ? undefined : Object.freeze({ endpoint, sessionSeconds });
}

/** `s3`: the object store; else a directory, by default one in the state directory. */
function bucketsOf(text: string, stateDir: string): string | undefined {
  if (text === "s3") return undefined;
  return text === "" ? `${stateDir}/audit/buckets` : absolutePath(text, "KILN_AUDIT_BUCKETS");
}

interface StoreSettings extends Keys {
  endpoint: string;
  region: string;
}

function objectStoreOf({ endpoint, region, ...keys }: StoreSettings): ObjectStore | undefined {
  const credentials = credentialsOf(
    "KILN_S3",
    keys,
    "Set both, or none where the store can be read without signatures.",
  );
  if (endpoint === "") return undefined;
  return Object.freeze({ endpoint, region, ...credentials });
}

/** Endpoints of services by their names; those without one are left out. */
function endpointsOf<N extends string>(
  prefix: string,
  named: Readonly<Record<N, string>>,
  keys: Keys,
): Readonly<Partial<Record<N, ServiceEndpoint>>> {
  const hint = "Set both, or none where the servers do not look at signatures.";
  const credentials = credentialsOf(prefix, keys, hint);
  const endpoints: Partial<Record<N, ServiceEndpoint>> = {};
  for (const name of Object.keys(named) as N[]) {
    if (named[name] !== "") endpoints[name] = Object.freeze({ endpoint: named[name], ...credentials });
  }
  return Object.freeze(endpoints);
}

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

function credentialsOf(
  prefix: string,
  { accessKeyId, secretAccessKey }: Keys,
  hint: string,
): { credentials?: Readonly<Keys> } {
  if ((accessKeyId === "") !== (secretAccessKey === "")) {
    const message = `Only one of ${prefix}_ACCESS_KEY_ID and ${prefix}_SECRET_ACCESS_KEY is set.`;
    throw new KilnError("CONFIG_INVALID", message, { hint });
  }
  return accessKeyId === "" ? {} : { credentials: Object.freeze({ accessKeyId, secretAccessKey }) };
}

const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

function refuseWhatIsNotSafe(config: Config, plainIsMeant: boolean): void {
  if (config.auth === "off" && !loopback.test(config.listen.host)) {
    throw new KilnError(
      "LISTEN_NOT_LOOPBACK",
      `--auth off is refused on ${config.listen.host}: anyone who reaches it could run code here.`,
      {
        hint: "Listen on 127.0.0.1, ::1 or localhost, or leave --auth off (KILN_AUTH) out.",
      },
    );
  }
  if (config.tls.kind === "off" && !plainIsMeant && !loopback.test(config.listen.host)) {
    throw new KilnError(
      "LISTEN_WITHOUT_TLS",
      `Without TLS, everyone on the way to ${config.listen.host} could read code, secrets and answers.`,
      {
        hint:
          "Give a certificate (--tls-cert and --tls-key), or KILN_TLS=acme or local for one that Kiln gets or makes, or KILN_TLS=off where " +
          "something in front of Kiln has TLS.",
      },
    );
  }
}
