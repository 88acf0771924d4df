/** The Lambda API with SnapStart on a fake sandbox that has snapshots: real worker, store and wire; guests are functions. */
import type { TestContext } from "node:test";
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  PublishVersionCommand,
  type CreateFunctionRequest,
  type FunctionConfiguration,
} from "@aws-sdk/client-lambda";
import type { Runtimes } from "../../../src/artifacts/contract.ts";
import { openSnapshots } from "../../../src/compose/snap-start.ts";
import type { FunctionsOptions, SnapshotStore } from "../../../src/functions/index.ts";
import { createFakeSandbox, type FakeGuest, type FakeSandbox } from "../../../src/worker/testing/fake-sandbox.ts";
import { createRuntimeClient, serve, type RuntimeClient } from "../../../src/worker/testing/fake-runtime.ts";
import { memoryLog, testImage, type MemoryLog } from "../../../src/worker/testing/fixtures.ts";
import { createWorker, type WorkerOptions } from "../../../src/worker/worker.ts";
import { startApi, type TestApi } from "../api.ts";

/** What a test wants of its guests. Each gets the guest and a client of its Runtime API. */
export interface Behaviour {
  /** Of a guest that starts anew: before it asks to be restored. */
  init?: (guest: FakeGuest, client: RuntimeClient) => Promise<void> | void;
  /** Of a restored one: after it has heard so. */
  restored?: (guest: FakeGuest, client: RuntimeClient) => Promise<void> | void;
  /** The worker does not keep what it has taken in memory: it reads it for the first call. */
  forgetful?: boolean;
  /** It asks for events without asking for the restore. */
  straightToEvents?: boolean;
}

export interface SnapStartBench extends TestApi {
  sandbox: FakeSandbox;
  log: MemoryLog;
  behaviour: Behaviour;
  /** What `Snapshots.kind` is from now on. */
  kindIs(kind: string): void;
  publish(name: string): Promise<FunctionConfiguration>;
  shown(name: string, qualifier: string): Promise<FunctionConfiguration>;
  call(name: string, qualifier: string): Promise<unknown>;
}

/** An image of Python, as far as the fake sandbox needs one. */
const runtimes: Runtimes = {
  catalogue: () => [{ id: "python3.13", family: "python" }],
  entry: (id) => (id === "python3.13" ? { id, family: "python" } : undefined),
  image: (id) => ({ ...testImage, id, env: { AWS_EXECUTION_ENV: `AWS_Lambda_${id}` } }),
};

export const python: Partial<CreateFunctionRequest> = {
  Runtime: "python3.13",
  SnapStart: { ApplyOn: "PublishedVersions" },
};

export async function snapStartBench(
  context: TestContext,
  options: Partial<WorkerOptions> = {},
  domain?: Pick<FunctionsOptions, "codeKeys">,
): Promise<SnapStartBench> {
  let initialised = 0;
  /** What a guest has in memory: a number that its init phase made, and where it stands. */
  const memory = new Map<FakeGuest, { number: number }>();

  async function program(guest: FakeGuest): Promise<void> {
    const client = createRuntimeClient(guest.port);
    const own = guest.restoredFrom === undefined ? { number: ++initialised } : memory.get(guest.restoredFrom);
    if (own === undefined) throw new Error("restored from a guest that was never there");
    memory.set(guest, own);
    const snapStart = guest.spec.env["AWS_LAMBDA_INITIALIZATION_TYPE"] === "snap-start";
    try {
      if (guest.restoredFrom === undefined) await bench.behaviour.init?.(guest, client);
      if (snapStart && bench.behaviour.straightToEvents !== true) {
        const answer = await client.request("GET", "/2018-06-01/runtime/restore/next");
        if (answer.status !== 200) throw new Error(`restore/next answered ${answer.status}`);
      }
      if (guest.restoredFrom !== undefined) await bench.behaviour.restored?.(guest, client);
    } catch (error) {
      // The snapshot has been taken, or the jail is gone.
      if (guest.dead) return;
      throw error;
    }
    await serve(guest, () =>
      JSON.stringify({ number: own.number, type: guest.spec.env["AWS_LAMBDA_INITIALIZATION_TYPE"] }),
    );
  }

  const sandbox = createFakeSandbox(program, false, { snapshots: true });
  let kind = "host-1";
  Object.defineProperty(sandbox.snapshots, "kind", { get: () => kind });
  const log = memoryLog();
  const worker = createWorker({ sandbox, runtimes, logs: log, ...options });
  // Whatever is still being initialised ends first.
  context.after(() => worker.close(0));
  const store = (): SnapshotStore => {
    const opened = openSnapshots(worker, api.store.blobs);
    if (opened === undefined) throw new Error("the fake sandbox has snapshots");
    return opened;
  };
  const snapStart: SnapshotStore = {
    kindOf: (assignment) => store().kindOf(assignment),
    async take(assignment) {
      const taken = await store().take(assignment);
      return taken && bench.behaviour.forgetful === true ? { ...taken, kept: () => void taken.release() } : taken;
    },
    put: (content) => store().put(content),
    read: (id) => store().read(id),
    // The worker outlives the domain here, as it does not in the program.
    close: async () => undefined,
  };
  const api = await startApi(context, {
    worker,
    runtimes,
    snapStart,
    ...domain,
  });
  const { client } = api;
  const bench: SnapStartBench = Object.assign(api, {
    sandbox,
    log,
    behaviour: {},
    kindIs(next: string) {
      kind = next;
    },
    publish: (name: string) => client.send(new PublishVersionCommand({ FunctionName: name })),
    shown: (name: string, qualifier: string) =>
      client.send(new GetFunctionConfigurationCommand({ FunctionName: name, Qualifier: qualifier })),
    async call(name: string, qualifier: string) {
      const answer = await client.send(new InvokeCommand({ FunctionName: name, Qualifier: qualifier }));
      return JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as unknown;
    },
  });
  return bench;
}
