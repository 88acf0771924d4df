/** From what callers ask to complete settings: AWS's defaults on creation, partial changes afterwards. */
import type {
  Architecture,
  CreateFunctionRequest,
  SnapStart,
  UpdateFunctionConfigurationRequest,
} from "@aws-sdk/client-lambda";
import type { Settings } from "../contract.ts";
import { invalidParameter, refuseTenants } from "../errors.ts";
import { checkedDeadLetter } from "./dead-letter.ts";
import { checkedVariables } from "./environment.ts";
import { checkedMemory, checkedStorage, checkedTimeout } from "./limits.ts";
import type { FunctionNetworks } from "../networks.ts";
import { changedLogging, defaultLogging } from "./logging.ts";
import { checkFileSystems, chosenNetwork, noNetwork } from "./network.ts";
import { chosenRuntime, refuseUpdateOfBlocked, type RuntimeRules } from "./runtime.ts";
import { chosenImageConfig } from "./image-config.ts";
import { refuseUnsupported } from "./unsupported.ts";

export interface SettingsRules extends RuntimeRules {
  /** What the functions' processes run on. */
  architecture: Architecture;
  networks: FunctionNetworks;
}

export interface ChosenSettings {
  settings: Settings;
  /** Absent when the runtime did not change. */
  runtimeVersionArn?: string;
}

/** Members that both creating and updating set in the same way. */
type Common = Omit<UpdateFunctionConfigurationRequest, "FunctionName" | "RevisionId" | "Runtime">;

/** Throws ServiceError with AWS's messages. */
export function newSettings(rules: SettingsRules, name: string, request: CreateFunctionRequest): ChosenSettings {
  refuseUnsupported(request);
  const program = request.PackageType === "Image" ? imageProgram(request) : zipProgram(rules, request);
  const defaults: Settings = {
    ...program.settings,
    Role: request.Role ?? "",
    Description: "",
    Timeout: 3,
    MemorySize: 128,
    EphemeralStorage: { Size: 512 },
    Architectures: supportedArchitectures(rules, request.Architectures) ?? [rules.architecture],
    LoggingConfig: defaultLogging(name),
    TracingConfig: { Mode: "PassThrough" },
    SnapStart: { ApplyOn: "None" },
    ...(request.TenancyConfig?.TenantIsolationMode === undefined ? {} : { TenancyConfig: request.TenancyConfig }),
  };
  return { settings: withChanges(rules, defaults, request), runtimeVersionArn: program.versionArn };
}

interface Program {
  settings: Pick<Settings, "Runtime" | "Handler">;
  versionArn: string;
}

function zipProgram(rules: SettingsRules, { Runtime: id, Handler, ImageConfig }: CreateFunctionRequest): Program {
  if (!id || !Handler) {
    throw invalidParameter(
      "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    );
  }
  if (ImageConfig && chosenImageConfig(ImageConfig)) throw imageConfigOfZip();
  const runtime = chosenRuntime(rules, id, "create");
  return { settings: { Runtime: runtime.id, Handler }, versionArn: runtime.versionArn };
}

function imageProgram({ Runtime, Handler, Layers, SnapStart }: CreateFunctionRequest): Program {
  if (Runtime || Handler || Layers?.length) {
    throw invalidParameter(
      "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
    );
  }
  refuseSnapStartOfImage(SnapStart);
  return { settings: {}, versionArn: "" };
}

function refuseSnapStartOfImage(wanted: SnapStart | undefined): void {
  if (wanted?.ApplyOn === "PublishedVersions") {
    throw invalidParameter("SnapStart is not supported for functions created with container images.");
  }
}

function imageConfigOfZip(): Error {
  return invalidParameter("ImageConfig is not supported for functions created with deployment packages.");
}

/** Members that the request leaves out stay as they are. */
export function changedSettings(
  rules: SettingsRules,
  current: Settings,
  request: UpdateFunctionConfigurationRequest,
): ChosenSettings {
  refuseUnsupported(request);
  if (current.Runtime === undefined) {
    if (request.Runtime !== undefined || request.Handler !== undefined) {
      throw invalidParameter(
        "The Runtime and Handler parameters are not supported for functions created with container images.",
      );
    }
    refuseSnapStartOfImage(request.SnapStart);
  } else if (request.ImageConfig && chosenImageConfig(request.ImageConfig)) throw imageConfigOfZip();
  if (request.Runtime === undefined) {
    refuseUpdateOfBlocked(rules, current.Runtime);
    return { settings: withChanges(rules, current, request) };
  }
  const runtime = chosenRuntime(rules, request.Runtime, "update");
  return {
    settings: withChanges(rules, { ...current, Runtime: runtime.id }, request),
    runtimeVersionArn: runtime.versionArn,
  };
}

/** Undefined when the caller names none. */
export function supportedArchitectures(
  rules: { architecture: Architecture },
  asked: Architecture[] | undefined,
): Architecture[] | undefined {
  const wanted = asked?.[0];
  if (wanted === undefined) return undefined;
  if (wanted !== rules.architecture) {
    throw invalidParameter(
      `This host runs ${rules.architecture} functions only; ${wanted} is not available. Set Architectures to [${rules.architecture}].`,
    );
  }
  return [wanted];
}

function withChanges({ networks }: SettingsRules, current: Settings, change: Common): Settings {
  const settings = { ...current };
  if (change.Role !== undefined) settings.Role = change.Role;
  if (change.Handler !== undefined) settings.Handler = change.Handler;
  if (change.ImageConfig) {
    const config = chosenImageConfig(change.ImageConfig);
    if (config === undefined) delete settings.ImageConfig;
    else settings.ImageConfig = config;
  }
  if (change.Description !== undefined) settings.Description = change.Description;
  if (change.Timeout !== undefined) settings.Timeout = checkedTimeout(change.Timeout);
  if (change.MemorySize !== undefined) settings.MemorySize = checkedMemory(change.MemorySize);
  if (change.EphemeralStorage?.Size !== undefined) {
    settings.EphemeralStorage = { Size: checkedStorage(change.EphemeralStorage.Size) };
  }
  if (change.Environment) settings.Environment = { Variables: checkedVariables(change.Environment.Variables) };
  if (change.LoggingConfig) settings.LoggingConfig = changedLogging(current.LoggingConfig, change.LoggingConfig);
  if (change.TracingConfig?.Mode) settings.TracingConfig = { Mode: change.TracingConfig.Mode };
  if (change.SnapStart?.ApplyOn) settings.SnapStart = { ApplyOn: change.SnapStart.ApplyOn };
  if (change.DeadLetterConfig?.TargetArn !== undefined) {
    // AWS removes the queue when the ARN is empty.
    if (change.DeadLetterConfig.TargetArn === "") delete settings.DeadLetterConfig;
    else settings.DeadLetterConfig = { TargetArn: checkedDeadLetter(change.DeadLetterConfig.TargetArn) };
  }
  if (change.VpcConfig) {
    const network = chosenNetwork(networks.catalog, change.VpcConfig) ?? (current.VpcConfig && noNetwork);
    if (network) settings.VpcConfig = network;
  }
  if (change.FileSystemConfigs) {
    if (change.FileSystemConfigs.length === 0) delete settings.FileSystemConfigs;
    else settings.FileSystemConfigs = change.FileSystemConfigs;
  }
  checkFileSystems(settings, { files: change.FileSystemConfigs !== undefined });
  checkSnapStart(settings);
  if (change.KMSKeyArn !== undefined) {
    // AWS goes back to a key of its own when the ARN is empty.
    if (change.KMSKeyArn === "") delete settings.KMSKeyArn;
    else settings.KMSKeyArn = change.KMSKeyArn;
  }
  return settings;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html: the largest /tmp that goes with SnapStart. */
const SNAPSHOT_STORAGE_MB = 512;
/** The same page: Java 11+, Python 3.12+, .NET 8+. */
const withoutSnapStart = /^(?:nodejs|ruby|provided|go|java8|python3\.(?:\d|1[01])$|dotnetcore|dotnet[5-7])/;

function checkSnapStart(settings: Settings): void {
  const {
    Runtime: runtime,
    SnapStart: { ApplyOn: wanted },
  } = settings;
  if (wanted === "None") return;
  refuseTenants(settings, "SnapStart is");
  if (runtime !== undefined && withoutSnapStart.test(runtime)) throw withSnapStart(runtime);
  if ((settings.FileSystemConfigs?.length ?? 0) > 0) throw withSnapStart("FileSystemConfigs");
  if (settings.EphemeralStorage.Size > SNAPSHOT_STORAGE_MB) {
    throw withSnapStart(`EphemeralStorage greater than ${SNAPSHOT_STORAGE_MB} MB`);
  }
}

/** AWS's words where it refuses a runtime (`nodejs18.x is not supported for SnapStart enabled functions.`). */
function withSnapStart(what: string): Error {
  return invalidParameter(`${what} is not supported for SnapStart enabled functions.`);
}
