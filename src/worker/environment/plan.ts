/** What the jails of an environment are made of, from its assignment alone. */
import { KilnError } from "../../base/errors.ts";
import { vcpusFor } from "../../base/vcpus.ts";
import type { RuntimeImage, Runtimes } from "../../artifacts/contract.ts";
import {
  RUNTIME_API_HOST,
  type FunctionTree,
  type JailLimits,
  type Sandbox,
  type ServedPort,
} from "../../sandbox/contract.ts";
import type { Assignment } from "../contract.ts";
import { MOST_EXTENSIONS, type FunctionFacts } from "../extensions-api/index.ts";
import type { LogSubject } from "../logs/platform-log.ts";
import type { GuestSpec } from "./guest.ts";
import { imageProgram, managedProgram, type Program } from "./program.ts";
import { environmentVariables, extensionVariables } from "./variables.ts";

/** Functions get at least this much CPU while they initialise: AWS gives a burst then. */
export const INIT_VCPUS = 1;

export interface Plan {
  program: Program;
  /** Absent for a container image. */
  image: RuntimeImage | undefined;
  spec: PlannedSpec;
}

/** A guest's specification, but for its id and what is the start's own. */
export interface PlannedSpec extends Omit<GuestSpec, "id"> {
  env: Record<string, string>;
  tree: FunctionTree;
  facts: FunctionFacts;
  extensions: NonNullable<GuestSpec["extensions"]>;
}

export interface PlanOptions {
  sandbox: Sandbox;
  runtimes: Runtimes;
  /** Kiln's own API, for functions. Absent: they have no way to it. */
  kilnApi?: (() => ServedPort) | undefined;
}

/** Throws KilnError `RUNTIME_MISSING`. @param logStream Of the environment; no variable of one with SnapStart. */
export function planOf(options: PlanOptions, assignment: Assignment, logStream: string): Plan {
  const { sandbox, runtimes } = options;
  const image = assignment.image === undefined ? runtimes.image(assignment.runtime) : undefined;
  const program = programOf(assignment, image, sandbox);
  const kilnApi = options.kilnApi?.();
  const env = {
    // Clients of AWS find Kiln by it; a function's own configuration may say otherwise.
    ...(kilnApi === undefined ? {} : { AWS_ENDPOINT_URL: `http://${RUNTIME_API_HOST}:${kilnApi.port}` }),
    ...environmentVariables(assignment, program, logStream),
  };
  const limits: JailLimits = { ...assignment.limits, vcpus: Math.max(INIT_VCPUS, vcpusFor(assignment.memoryMB)) };
  const { snapStart, credentials } = assignment;
  const spec: PlannedSpec = {
    rootImage: program.rootImage,
    argv: program.argv,
    ...(program.workingDirectory === undefined ? {} : { workingDirectory: program.workingDirectory }),
    env,
    limits,
    tree: assignment.tree,
    facts: {
      functionName: assignment.functionName,
      functionVersion: assignment.version,
      handler: assignment.handler,
      accountId: assignment.account,
    },
    extensions: {
      // One too many is enough to be refused.
      names: program.extensions.slice(0, MOST_EXTENSIONS + 1),
      env: extensionVariables(env),
    },
    network: assignment.network,
    kilnApi,
    ...(snapStart === undefined ? {} : { credentials: { ...credentials, token: snapStart.token } }),
  };
  return { program, image, spec };
}

function programOf(assignment: Assignment, image: RuntimeImage | undefined, sandbox: Sandbox): Program {
  if (assignment.image !== undefined) return imageProgram({ image: assignment.image }, sandbox);
  if (image === undefined) throw missingRuntime(assignment.runtime);
  return managedProgram(image, assignment, sandbox);
}

function missingRuntime(runtime: string): KilnError {
  return new KilnError("RUNTIME_MISSING", `The image of runtime ${runtime} is not on this machine.`, {
    hint: `Build it: kiln runtimes build ${runtime}`,
  });
}

/** What the log's lines say of the environment. */
export function subjectOf(assignment: Assignment, { runtime }: Program, logStream: string): LogSubject {
  return {
    functionName: assignment.functionName,
    functionArn: assignment.functionArn,
    version: assignment.version,
    memoryMB: assignment.memoryMB,
    timeoutSeconds: assignment.timeoutSeconds,
    ...(runtime === undefined ? {} : { runtimeVersion: runtime.version, runtimeVersionArn: runtime.arn }),
    logStream,
    initializationType: assignment.snapStart ? "snap-start" : (assignment.initializationType ?? "on-demand"),
  };
}
