/** Who is asked in the benchmark of warm calls: Kiln as it is, the bare baseline, and what people use instead. */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { instanceName } from "../src/config/index.ts";
import { benchFunction, deployEcho } from "./functions.ts";
import { jailsMicros, processMicros, treeMicros } from "./harness/cpu.ts";
import { makeIdentities } from "./harness/signing.ts";
import { startBaseline, startKiln, type Keys, type KilnOptions, type RunningKiln } from "./processes.ts";

/** Something that answers calls of the same handler over HTTP. */
export interface Subject {
  readonly name: string;
  readonly port: number;
  readonly path: string;
  readonly kiln?: RunningKiln;
  /** Calls are signed with these. */
  readonly keys?: Keys | undefined;
  /** µs of processor time so far: of the server itself, and of the processes that run the function, where they are others. */
  cpu(): { server: number; functions?: number | undefined };
  /** What people use instead of Kiln: where it fails, the others are measured all the same. */
  readonly peer?: boolean;
  /** Most calls at once that it can take; absent: any number. */
  readonly connections?: number;
  stop(): Promise<void>;
}

const path = `/2015-03-31/functions/${benchFunction}/invocations`;

export async function bareSubject(): Promise<Subject> {
  const server = await startBaseline();
  return {
    name: "node:http (no isolation)",
    port: server.port,
    path: "/",
    cpu: () => ({ server: treeMicros(server.pid) }),
    stop: () => server.stop(),
  };
}

/** A Kiln with the function. AWS's limit of 10,000 requests per second is near what is measured here. */
export async function kilnSubject(
  name: string,
  auth: "on" | "off",
  options: KilnOptions = {},
  environment: Record<string, string> = {},
): Promise<Subject> {
  const kiln = await startKiln({ KILN_REQUEST_RATE: "0", KILN_AUTH: auth, ...environment }, options);
  try {
    const user = auth === "on" ? await makeIdentities(kiln) : undefined;
    await deployEcho(kiln.client);
    await kiln.client.send(new InvokeCommand({ FunctionName: benchFunction, Payload: "{}" }));
    const instance = instanceName(kiln.state);
    return {
      name,
      port: kiln.port,
      path,
      kiln,
      keys: user,
      cpu: () => ({ server: processMicros(kiln.pid), functions: jailsMicros(instance) }),
      stop: () => kiln.stop(),
    };
  } catch (error) {
    await kiln.stop();
    throw error;
  }
}
