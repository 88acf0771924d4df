/** A Kiln on which phases of an environment's life are reached and something is killed there. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import {
  GetProvisionedConcurrencyConfigCommand,
  InvokeWithResponseStreamCommand,
  PublishLayerVersionCommand,
  PutFunctionConcurrencyCommand,
  type CreateFunctionCommandInput,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { instanceName } from "../../src/config/index.ts";
import { call, deploy } from "../support/functions.ts";
import { startTestKiln, type TestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";
import { processesOf } from "../isolation/traces.ts";
import { heldExtension, heldFunction, until } from "./held.ts";

/** What a caller has seen of one call: exactly one of these. */
export interface Outcome {
  payload?: unknown;
  /** The function's error type. */
  failed?: string;
  /** Name of the error that the client threw. */
  refused?: string;
}

export interface Stage {
  kiln: TestKiln;
  client(): LambdaClient;
  instance: string;
  /** Starts of jails are held there: before the OCI runtime begins, or after it has made the jail. */
  holdNextJail(where: "before" | "after"): Promise<readonly number[]>;
  /** Held OCI runtimes that still live go on. */
  letJailsGo(): void;
  /** Deploys a held function with reserved concurrency 1. `ARN` of the extension's layer is in `layer`. */
  deploy(name: string, settings?: Partial<CreateFunctionCommandInput>): Promise<void>;
  layer: string;
  /** All processes in jails. */
  pids(): number[];
  /** Resolves when version 1 has an environment that is kept ready, and calls get it. */
  ready(name: string): Promise<void>;
}

/** OCI runtimes that stop on demand: before they run the host's, or after. */
function holdingRuntimes(context: TestContext): { programs: string[]; dir: string } {
  const dir = mkdtempSync(join(tmpdir(), "kiln-oci-"));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  const programs = ["crun", "runc"].map((real) => {
    const program = join(dir, real);
    writeFileSync(program, holdingRuntime(real, dir));
    chmodSync(program, 0o755);
    return program;
  });
  return { programs, dir };
}

function holdingRuntime(real: string, dir: string): string {
  return `#!/bin/sh
hold() {
  [ -e ${dir}/$1 ] || return 0
  rm ${dir}/$1
  echo $$ > ${dir}/writing && mv ${dir}/writing ${dir}/held
  while [ ! -e ${dir}/go ] && [ -d ${dir} ]; do sleep 0.02; done
}
case " $* " in *" run "*) ;; *) exec ${real} "$@" ;; esac
hold before
${real} "$@"
status=$?
hold after
exit $status
`;
}

export async function openStage(context: TestContext): Promise<Stage> {
  const { programs, dir } = holdingRuntimes(context);
  const kiln = await startTestKiln(context, {
    KILN_OCI_RUNTIMES: programs.join(","),
    KILN_DRAIN_MS: "1000",
    KILN_EVENT_RETRY_MS: "500",
    KILN_POOL_MAX: "1",
  });
  const { LayerVersionArn: layer = "" } = await kiln.client().send(
    new PublishLayerVersionCommand({
      LayerName: "held",
      Content: { ZipFile: await zipOf({ "extensions/held": { content: heldExtension, mode: 0o100755 } }) },
    }),
  );
  return {
    kiln,
    client: () => kiln.client(),
    instance: instanceName(kiln.state),
    layer,
    async holdNextJail(where) {
      rmSync(join(dir, "go"), { force: true });
      rmSync(join(dir, "held"), { force: true });
      writeFileSync(join(dir, where), "");
      return until("a held OCI runtime", () =>
        existsSync(join(dir, "held")) ? [Number(readFileSync(join(dir, "held"), "utf8"))] : [],
      );
    },
    pids: () => processesOf(instanceName(kiln.state)),
    async ready(name) {
      await until(`${name} ready`, async () => {
        const asked = new GetProvisionedConcurrencyConfigCommand({ FunctionName: name, Qualifier: "1" });
        const { Status } = await kiln.client().send(asked);
        if (Status !== "READY") return [];
        // One that has just been killed may still be taken for ready.
        const { payload } = await outcomeOf(kiln.client(), name, { id: "ready?" }, "1");
        return (payload as { type?: string } | undefined)?.type === "provisioned-concurrency" ? [true] : [];
      });
    },
    letJailsGo: () => writeFileSync(join(dir, "go"), ""),
    async deploy(name, settings) {
      const client = kiln.client();
      await deploy(client, name, heldFunction, { Timeout: 30, MemorySize: 256, ...settings });
      await client.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: 1 }));
    },
  };
}

export async function outcomeOf(client: LambdaClient, name: string, event: object, at?: string): Promise<Outcome> {
  try {
    const { error, payload } = await call(client, name, event, at === undefined ? {} : { Qualifier: at });
    if (error === undefined) return { payload };
    return { failed: (payload as { errorType: string }).errorType };
  } catch (error) {
    return { refused: (error as Error).name };
  }
}

/** The same for an answer in a stream; `began` resolves with its first bytes. */
export function streamOf(
  client: LambdaClient,
  name: string,
  event: object,
): { began: Promise<void>; end: Promise<Outcome> } {
  const { promise: began, resolve, reject } = Promise.withResolvers<void>();
  async function read(): Promise<Outcome> {
    let text = "";
    try {
      const answer = await client.send(
        new InvokeWithResponseStreamCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify(event)) }),
      );
      for await (const { PayloadChunk, InvokeComplete } of answer.EventStream ?? []) {
        text += Buffer.from(PayloadChunk?.Payload ?? []).toString();
        if (text !== "") resolve();
        if (InvokeComplete !== undefined) {
          return InvokeComplete.ErrorCode === undefined ? { payload: text } : { failed: InvokeComplete.ErrorCode };
        }
      }
      return { refused: "the stream broke off" };
    } catch (error) {
      reject(error);
      return { refused: (error as Error).name };
    }
  }
  return { began, end: read() };
}

/** All that a function has written into its log. */
export async function linesOf({ kiln }: Stage, name: string): Promise<string[]> {
  const { url, region, accessKeyId, secretAccessKey } = kiln.endpoint();
  const logs = new CloudWatchLogsClient({ endpoint: url, region, credentials: { accessKeyId, secretAccessKey } });
  try {
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${name}` }));
    return events.map(({ message = "" }) => message);
  } finally {
    logs.destroy();
  }
}
