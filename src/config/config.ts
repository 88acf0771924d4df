/** Everything that can be set, in one frozen object. Only `load.ts` reads the environment. */
export type Isolation = "auto" | "container" | "gvisor" | "microvm";

export interface ObjectStore {
  /** `http://…` or `https://…` */
  readonly endpoint: string;
  readonly region: string;
  /** Absent: requests are not signed. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface EgressRule {
  readonly protocol: "tcp" | "udp" | "icmp" | "all";
  /** First and last; absent: every port. */
  readonly ports?: readonly [number, number];
  readonly cidrs: readonly string[];
}

/** What the ids of a VpcConfig stand for. */
export interface NetworkCatalog {
  readonly subnets: Readonly<
    Record<string, { readonly vpcId: string; readonly cidrs: readonly string[]; readonly internet: boolean }>
  >;
  readonly securityGroups: Readonly<Record<string, { readonly egress: readonly EgressRule[] }>>;
}

export interface HostDirectory {
  readonly kind: "directory";
  /** Absolute, without links. */
  readonly path: string;
  readonly user: { readonly uid: number; readonly gid: number };
  /** How the root is made where it is missing; absent: it has to be there. */
  readonly creation?: { readonly uid: number; readonly gid: number; readonly mode: number };
}

export interface NfsExport {
  readonly kind: "nfs";
  readonly server: string;
  readonly path: string;
}

/** What functions share, as an access point of Amazon EFS. */
export interface AccessPoint {
  readonly source: HostDirectory | NfsExport;
  /** Below the source; all that a function sees. `/` is all of it. */
  readonly root: string;
  readonly readOnly: boolean;
  /** Accounts whose functions may mount it. */
  readonly accounts: readonly string[];
}

/** By ARN. */
export type FileSystemCatalog = Readonly<Record<string, AccessPoint>>;

/** What functions reach over the network. */
export interface NetworkConfig {
  /** What a function without a VpcConfig reaches. */
  readonly access: "internet" | "none";
  /** IPv4 range of the environments' addresses on this host. */
  readonly cidr: string;
  /** Interfaces that lead to the internet; empty: those of the default routes. */
  readonly uplinks: readonly string[];
  /** Resolvers that answer functions; empty: the host's own; undefined: none. */
  readonly resolvers: readonly string[] | undefined;
  /** Private networks, for functions with a VpcConfig; absent: there are none. */
  readonly catalog: NetworkCatalog | undefined;
  /** Of one environment; 0: no limit. Packets and bytes are a second's. */
  readonly limits: { readonly connections: number; readonly packets: number; readonly bytes: number };
}

/** A server of one of AWS's services, as others run it. */
export interface ServiceEndpoint {
  /** `http://…` or `https://…` */
  readonly endpoint: string;
  /** Absent: what test servers take. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** What is kept of calls. */
export interface AuditConfig {
  /** The key that seals the log and signs digest files; made at the first start. */
  readonly keyFile: string;
  /** Where that key was before it had a place outside of the state directory; it is moved from there. */
  readonly earlierKeyFile: string;
  /** Outside of the state directory: how far the log has come, by which an older copy of it is found out. */
  readonly witnessFile: string;
  /** Calls to functions and of messages are recorded as well. */
  readonly dataEvents: boolean;
  /** ms that records are kept. */
  readonly retentionMs: number;
  /** Bytes of the log: the oldest records go. */
  readonly bytes: number;
  /** Records a second of callers who are not known. */
  readonly strangersPerSecond: number;
  /** The folders in here are the buckets of trails; undefined: the object store has them. */
  readonly bucketsDir: string | undefined;
  /** ms between two log files of a trail, and between two digest files. */
  readonly deliveryMs: number;
  readonly digestMs: number;
}

/** Where images of a registry's name are. */
export interface ImagePlace {
  /** Host name with its port; `*` stands for any characters but a slash. */
  readonly host: string;
  /** URL of a registry, or absolute path of a directory; absent: the host itself, by HTTPS. */
  readonly at?: string;
}

export interface Config {
  /** Everything durable. One directory, one owner. */
  readonly stateDir: string;
  /** Runtime images: a cache that set-up fills and that several state directories may share. */
  readonly runtimesDir: string;
  /** Where libraries of images come from: Maven Central or a mirror of it, without a slash at its end. */
  readonly mavenRepository: string;
  /** Mounts and jails of the running process; on a tmpfs. Kiln makes a folder of its own below it. */
  readonly runDir: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** `off` on loopback unless something else is asked for; elsewhere when it is asked for. */
  readonly tls:
    | { readonly kind: "off" }
    | { readonly kind: "files"; readonly certFile: string; readonly keyFile: string }
    | { readonly kind: "local"; readonly names: readonly string[] }
    | {
        readonly kind: "acme";
        readonly names: readonly string[];
        /** Address of the ACME server's directory. */
        readonly directoryUrl: string;
        /** Whom the ACME server may write to; empty: nobody. */
        readonly email: string;
        /** File with what binds the account to one of the CA's; empty: none. */
        readonly bindingFile: string;
        /** Where its challenges are answered, at port 80 of the names. */
        readonly challenges: { readonly host: string; readonly port: number };
      };
  readonly isolation: Isolation;
  readonly auth: "on" | "off";
  /** The root key of all that is encrypted at rest, beside the state directory; made at the first start. */
  readonly keyFile: string;
  /** What wraps the data keys instead of the key file. */
  readonly keyRoot:
    | { readonly kind: "file" }
    | { readonly kind: "passphrase"; readonly file: string }
    | { readonly kind: "kms"; readonly keyId: string; readonly endpoint: string | undefined; readonly region: string }
    | { readonly kind: "vault"; readonly keyUrl: string; readonly tokenFile: string };
  /** The key that sealed secrets before there was a root key; only read. */
  readonly secretKeyFile: string;
  /** Whether functions can call this Kiln's API. */
  readonly functionApi: "on" | "off";
  /** Account of requests that name none; 12 digits. */
  readonly account: string;
  /** Where roles of functions are taken; absent: here. */
  readonly externalSts: { readonly endpoint: string; readonly sessionSeconds: number } | undefined;
  /** OpenID Connect issuers whose tokens AssumeRoleWithWebIdentity takes. */
  readonly oidcIssuers: readonly { readonly url: string; readonly audiences: readonly string[] }[];
  readonly region: string;
  /** AWS's ConcurrentExecutions: calls that may run at the same time in one account and region. */
  readonly accountConcurrency: number;
  /** ms after which an unused environment is ended. */
  readonly environmentIdleMs: number;
  /** ms after which an environment takes no more calls. */
  readonly environmentMaxAgeMs: number;
  /** Names or paths of OCI runtimes: the first that passes the self-test is used. */
  readonly ociRuntimes: readonly string[];
  /** Pre-booted jails kept per runtime that is in use; 0 turns the pool off. */
  readonly poolSize: number;
  /** MB/s at which streamed answers come after their first 6 MB; 0: as fast as they can. */
  readonly streamMBPerSecond: number;
  /** Pre-booted jails kept for a runtime of which many are used. */
  readonly poolMax: number;
  /** Environments by which a function may grow in 10 s. AWS: 1,000. */
  readonly scalingRate: number;
  /** Calls per second for each unit of concurrency; Infinity: no limit. AWS: 10. */
  readonly requestRate: number;
  /** MB that environments which can run may be configured for together; Infinity: as much as the machine has. */
  readonly environmentMemoryMB: number;
  /** ms that a call waits for an environment before it is throttled. */
  readonly startWaitMs: number;
  /** ms before the first retry of a failed event; the second waits twice as long. */
  readonly eventRetryMs: number;
  /** Bytes of memory for unpacked code; 0: it lies on disk, in the clear. Default: a quarter of the machine's memory. */
  readonly codeMemoryBytes: number;
  /** Bytes of log that one log group may hold before its oldest lines go. */
  readonly logGroupBytes: number;
  /** Where container images of functions come from; the first that matches decides, and others are refused. */
  readonly registries: readonly ImagePlace[];
  /** Credentials of registries, as `docker login` writes them; undefined: none. */
  readonly registryCredentials: string | undefined;
  /** S3-compatible store that code is read from; absent: code comes in requests only. */
  readonly objectStore: ObjectStore | undefined;
  /** Where event source mappings read; absent: mappings of such sources rest. */
  readonly eventSources: {
    /** For queues that Kiln itself does not have. */
    readonly sqs?: ServiceEndpoint;
    readonly kinesis?: ServiceEndpoint;
    readonly dynamodb?: ServiceEndpoint;
  };
  /** Where records of calls can be sent; absent: such destinations cannot be reached. */
  readonly destinations: {
    readonly sns?: ServiceEndpoint;
    readonly eventBridge?: ServiceEndpoint;
  };
  readonly network: NetworkConfig;
  /** What an environment may read and write on each disk in a second; 0: no limit. */
  readonly disk: { readonly bytes: number; readonly operations: number };
  /** What FileSystemConfigs of functions mount; absent: nothing. */
  readonly fileSystems: FileSystemCatalog | undefined;
  readonly audit: AuditConfig;
  /** ms that SIGTERM waits for running calls; AWS's longest timeout is 900 s. */
  readonly drainMs: number;
}
