/** What a worker is told of a function version when it makes an environment for it. */
import type { Artifacts, Images, Runtimes } from "../artifacts/contract.ts";
import { functionArn } from "../base/arn.ts";
import { messageOf } from "../base/errors.ts";
import type { Scope } from "../base/scope.ts";
import type { Assignment } from "../worker/contract.ts";
import type { FunctionVersion } from "./contract.ts";
import type { CredentialsFor } from "./credentials.ts";
import { runtimeMissing } from "./errors.ts";
import { type FileSystemCatalog, sharedFiles } from "./file-systems.ts";
import { imageProgram } from "./images.ts";
import { type FunctionNetworks, networkPolicy } from "./networks.ts";
import type { CodeKeys } from "./code-keys.ts";
import { variablesOf, type VariableKeys } from "./variables.ts";
import { preparedTree } from "./layers/tree.ts";

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html: 1,769 MB have one vCPU. */
const MB_PER_VCPU = 1769;
/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, "Execution processes/threads". */
const MAX_PROCESSES = 1024;

export interface AssignmentOptions {
  artifacts: Artifacts;
  images: Images;
  runtimes: Runtimes;
  credentialsFor: CredentialsFor;
  /** Absent: there are no variables under keys of users. */
  variableKeys?: VariableKeys | undefined;
  /** Absent: there is no code under keys of users. */
  codeKeys?: CodeKeys | undefined;
  networks: FunctionNetworks;
  fileSystems: FileSystemCatalog | undefined;
}

/** A function that was made before this version of Kiln, or came from elsewhere, waits for its runtime's image. */
async function requireImage(runtimes: Runtimes, id: string): Promise<void> {
  if (runtimes.image(id)) return;
  if (!runtimes.ensure) throw runtimeMissing(id);
  try {
    await runtimes.ensure(id);
  } catch (error) {
    throw runtimeMissing(id, messageOf(error));
  }
}

/** Throws AWS's errors when its runtime or network is gone from this machine, KilnError when the code cannot be prepared. */
export async function assignmentOf(
  options: AssignmentOptions,
  scope: Scope,
  name: string,
  version: FunctionVersion,
): Promise<Assignment> {
  const { settings } = version;
  const arn = functionArn(scope, name, version.version === "$LATEST" ? undefined : version.version);
  const network = networkPolicy(options.networks, settings.VpcConfig);
  const files = sharedFiles(options.fileSystems, scope, settings.FileSystemConfigs);
  const environment = await variablesOf(options.variableKeys, scope, name, settings);
  if (settings.Runtime !== undefined) await requireImage(options.runtimes, settings.Runtime);
  const [{ tree, root }, credentials] = await Promise.all([
    preparedTree(options, scope, name, version),
    options.credentialsFor({ scope, role: settings.Role, functionArn: arn }),
  ]);
  const { LogFormat, LogGroup, ApplicationLogLevel, SystemLogLevel } = settings.LoggingConfig;
  return {
    key: version.key,
    functionArn: arn,
    functionName: name,
    version: version.version,
    account: scope.account,
    region: scope.region,
    runtime: settings.Runtime ?? "",
    handler: settings.Handler ?? "",
    ...(root === undefined ? {} : { image: { root, ...imageProgram(version) } }),
    timeoutSeconds: settings.Timeout,
    memoryMB: settings.MemorySize,
    limits: {
      memoryMB: settings.MemorySize,
      vcpus: settings.MemorySize / MB_PER_VCPU,
      pids: MAX_PROCESSES,
      tmpMB: settings.EphemeralStorage.Size,
    },
    tree: files.length === 0 ? tree : { ...tree, files },
    network,
    environment,
    credentials,
    logging: {
      group: LogGroup ?? `/aws/lambda/${name}`,
      format: LogFormat === "JSON" ? "JSON" : "Text",
      ...(ApplicationLogLevel === undefined ? {} : { applicationLevel: ApplicationLogLevel }),
      ...(SystemLogLevel === undefined ? {} : { systemLevel: SystemLogLevel }),
    },
  };
}
