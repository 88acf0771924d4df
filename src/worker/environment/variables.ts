import type { RuntimeImage } from "../../artifacts/contract.ts";
import { RUNTIME_API_HOST, RUNTIME_API_PORT } from "../../sandbox/contract.ts";
import type { Assignment, SnapStart } from "../contract.ts";
import { CREDENTIALS_PATH } from "../runtime-api/index.ts";
import type { Program } from "./program.ts";

/** What every environment has, and a function's configuration may change. */
const everywhere: Readonly<Record<string, string>> = {
  AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
  AWS_XRAY_DAEMON_ADDRESS: "169.254.79.129:2000",
};

/** What every managed runtime has in addition; a container image says such things itself. */
const defaults: Readonly<Record<string, string>> = {
  ...everywhere,
  LANG: "en_US.UTF-8",
  TZ: ":UTC",
  PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
  LD_LIBRARY_PATH: "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
};

/** What no configuration changes, and what is known before the function is. */
const fixed: Readonly<Record<string, string>> = {
  AWS_LAMBDA_RUNTIME_API: `${RUNTIME_API_HOST}:${RUNTIME_API_PORT}`,
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
};

/** The same, but that a container image may have them somewhere else. */
const directories: Readonly<Record<string, string>> = {
  LAMBDA_TASK_ROOT: "/var/task",
  LAMBDA_RUNTIME_DIR: "/var/runtime",
};

/**
 * The variables of an execution environment
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html): those that a function's configuration may
 * change come before the user's, the reserved ones after.
 */
export function environmentVariables(
  assignment: Assignment,
  program: Pick<Program, "env" | "workingDirectory">,
  logStream: string,
): Record<string, string> {
  const { credentials, logging, snapStart } = assignment;
  const variables: Record<string, string> = {
    ...(program.workingDirectory === undefined ? defaults : { ...everywhere, ...directories }),
    ...program.env,
    ...assignment.environment,
    ...fixed,
    ...(program.workingDirectory === undefined ? directories : {}),
    AWS_LAMBDA_INITIALIZATION_TYPE: snapStart ? "snap-start" : (assignment.initializationType ?? "on-demand"),
    _HANDLER: assignment.handler,
    AWS_REGION: assignment.region,
    AWS_DEFAULT_REGION: assignment.region,
    AWS_LAMBDA_FUNCTION_NAME: assignment.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: assignment.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(assignment.memoryMB),
    AWS_LAMBDA_LOG_FORMAT: logging.format,
    ...(snapStart === undefined
      ? {
          AWS_LAMBDA_LOG_GROUP_NAME: logging.group,
          AWS_LAMBDA_LOG_STREAM_NAME: logStream,
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          AWS_SESSION_TOKEN: credentials.sessionToken,
        }
      : snapStartVariables(snapStart)),
  };
  // AWS does not define it for provided runtimes.
  const executionEnv = program.env["AWS_EXECUTION_ENV"];
  if (executionEnv === undefined) delete variables["AWS_EXECUTION_ENV"];
  else variables["AWS_EXECUTION_ENV"] = executionEnv;
  if (logging.applicationLevel !== undefined) variables["AWS_LAMBDA_LOG_LEVEL"] = logging.applicationLevel;
  return variables;
}

/**
 * What outlives an environment is in a snapshot, and nothing that is an environment's own: no log stream
 * (https://docs.aws.amazon.com/lambda/latest/dg/snapstart-monitoring.html), and the credentials on request.
 */
function snapStartVariables({ token }: SnapStart): Record<string, string> {
  return {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${RUNTIME_API_HOST}:${RUNTIME_API_PORT}${CREDENTIALS_PATH}`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html#runtimes-extensions-registration-api-e */
const runtimeOnly = new Set([
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_XRAY_CONTEXT_MISSING",
  "AWS_XRAY_DAEMON_ADDRESS",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
  "AWS_LAMBDA_EXEC_WRAPPER",
]);

/** An external extension has the function's variables, but for those that speak of the runtime process. */
export function extensionVariables(variables: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(variables).filter(([name]) => !runtimeOnly.has(name) && !name.startsWith("_"));
  return Object.fromEntries(kept);
}

/** The variables of a jail that waits for its function. */
export function prebootVariables(image: RuntimeImage): Record<string, string> {
  return { ...defaults, ...image.env, ...fixed, ...directories, KILN_PREBOOT: "1" };
}

/**
 * Names that are read when a process starts (by the loader, by Node, by other runtimes), so that a process that runs
 * already cannot take them over.
 */
const readAtStart =
  /^(LD_.*|NODE_.*|UV_.*|GLIBC_.*|MALLOC_.*|OPENSSL_.*|SSL_CERT_.*|LC_.*|LANG|LANGUAGE|TZ|PATH|ICU_.*|PYTHON.*|RUBY.*|JAVA_.*|JDK_.*|_JAVA_.*|DOTNET_.*|COMPlus_.*|CORECLR_.*|AWS_LAMBDA_EXEC_WRAPPER)$/;

export function needsProcessStart(environment: Readonly<Record<string, string>>): boolean {
  for (const name in environment) if (readAtStart.test(name)) return true;
  return false;
}
