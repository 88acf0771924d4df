/** The phases of an environment's life: how each is reached, and what a call sees when its processes are killed there. */
import assert from "node:assert/strict";
import {
  PublishVersionCommand,
  PutProvisionedConcurrencyConfigCommand,
  UpdateFunctionConfigurationCommand,
  type CreateFunctionCommandInput,
} from "@aws-sdk/client-lambda";
import { updated } from "../support/functions.ts";
import { hasCode } from "../isolation/traces.ts";
import { isFrozen, named, preBooted, signal, until } from "./held.ts";
import { outcomeOf, streamOf, type Outcome, type Stage } from "./stage.ts";

export interface Reached {
  /** What a fault kills here. */
  victims: readonly number[];
  /** The call that is under way. */
  call?: Promise<Outcome>;
  /** What a call after it is to see of the function's configuration. */
  made?: string;
}

export interface Phase {
  /** Also the function's name. */
  name: string;
  settings?: (stage: Stage) => Partial<CreateFunctionCommandInput>;
  reach(stage: Stage, name: string): Promise<Reached>;
  /** What the call may come to when the victims are killed: an error type, or "answer". */
  comesTo?: readonly string[];
  /** There is none: the one that is made after the fault. */
  callAfter?: true;
  /** Its version 1 has provisioned concurrency. */
  provisioned?: true;
}

/** Variables that act at the start of a process only: such a function never gets a pre-booted jail. */
const ownJail = { NODE_OPTIONS: "--no-warnings" };
const variables = (more: Record<string, string> = {}) => ({ Environment: { Variables: { ...ownJail, ...more } } });

export const first = (stage: Stage, name: string, more: object = {}): Promise<Outcome> =>
  outcomeOf(stage.client(), name, { id: "first", ...more });

/** A call of an environment that then rests; its process has the function's name. */
async function resting(stage: Stage, name: string): Promise<readonly number[]> {
  const { payload } = await outcomeOf(stage.client(), name, { id: "before", name });
  assert.deepEqual(payload, { id: "before", made: "first", type: "on-demand" });
  const pids = named(stage.instance, name);
  return until(`${name} frozen`, () => (pids.every(isFrozen) ? pids : []));
}

/** The pool serves runtimes that are in use: by a cold start of another function. */
async function fillPool(stage: Stage, name: string): Promise<void> {
  await stage.deploy(`${name}-pool`);
  await outcomeOf(stage.client(), `${name}-pool`, { id: "before" });
}

async function provision(stage: Stage, name: string): Promise<void> {
  const client = stage.client();
  await client.send(new PublishVersionCommand({ FunctionName: name }));
  const wanted = { FunctionName: name, Qualifier: "1", ProvisionedConcurrentExecutions: 1 };
  await client.send(new PutProvisionedConcurrencyConfigCommand(wanted));
}

async function change(stage: Stage, name: string): Promise<void> {
  const { Environment } = variables({ MADE: "second" });
  await stage.client().send(new UpdateFunctionConfigurationCommand({ FunctionName: name, Environment }));
  await updated(stage.client(), name);
}

function holding(name: string, held: string, comesTo: readonly string[], more: Partial<Phase> = {}): Phase {
  return {
    name,
    comesTo,
    settings: () => variables({ HOLD: held }),
    async reach(stage) {
      const call = first(stage, name, { hold: held });
      return { call, victims: await until(name, () => named(stage.instance, `held-${held}`)) };
    },
    ...more,
  };
}

export const phases: readonly Phase[] = [
  {
    name: "jail-begins",
    comesTo: ["answer"],
    settings: () => variables(),
    async reach(stage, name) {
      const held = stage.holdNextJail("before");
      const call = first(stage, name);
      return { call, victims: await held };
    },
  },
  {
    name: "jail-is-made",
    comesTo: ["answer"],
    settings: () => variables(),
    async reach(stage, name) {
      const held = stage.holdNextJail("after");
      const call = first(stage, name);
      return { call, victims: await held };
    },
  },
  {
    name: "pooled",
    async reach(stage, name) {
      await fillPool(stage, name);
      return { victims: await until("a pre-booted jail", () => preBooted(stage.instance)) };
    },
    callAfter: true,
    comesTo: ["answer"],
  },
  {
    name: "assigned",
    comesTo: ["answer"],
    async reach(stage, name) {
      await fillPool(stage, name);
      const pids = await until("a pre-booted jail", () => preBooted(stage.instance));
      signal(pids, "SIGSTOP");
      const call = first(stage, name);
      return { call, victims: await until(name, () => pids.filter(hasCode)) };
    },
  },
  holding("init", "init", ["answer"]),
  holding("extension-init", "extension", ["answer"], {
    settings: ({ layer }) => ({ ...variables({ HOLD: "extension" }), Layers: [layer] }),
  }),
  {
    name: "ready",
    provisioned: true,
    settings: () => variables(),
    async reach(stage, name) {
      const before = new Set(stage.pids());
      await provision(stage, name);
      await stage.ready(name);
      return { victims: stage.pids().filter((pid) => !before.has(pid) && hasCode(pid)) };
    },
  },
  {
    ...holding("provisioned-init", "init", []),
    provisioned: true,
    async reach(stage, name) {
      await provision(stage, name);
      return { victims: await until(name, () => named(stage.instance, "held-init")) };
    },
  },
  holding("call", "call", ["Runtime.ExitError"]),
  {
    name: "stream",
    // The connection may end well before the process does.
    comesTo: ["Runtime.ExitError", "Runtime.TruncatedResponse"],
    settings: () => ({ ...variables(), Handler: "index.streaming" }),
    async reach(stage, name) {
      const { began, end } = streamOf(stage.client(), name, { id: "first", hold: "stream" });
      await began;
      return { call: end, victims: await until(name, () => named(stage.instance, "held-stream")) };
    },
  },
  holding("answered", "answered", ["answer"]),
  {
    name: "frozen",
    // With cgroup v1 a frozen process dies when it is thawed, which is for a call.
    comesTo: ["answer", "Runtime.ExitError"],
    callAfter: true,
    settings: () => variables(),
    reach: async (stage, name) => ({ victims: await resting(stage, name) }),
  },
  {
    name: "thawing",
    comesTo: ["Runtime.ExitError"],
    settings: () => variables(),
    async reach(stage, name) {
      const pids = await resting(stage, name);
      signal(pids, "SIGSTOP");
      const call = first(stage, name);
      return { call, victims: await until(name, () => (pids.some(isFrozen) ? [] : pids)) };
    },
  },
  {
    name: "shutdown",
    settings: ({ layer }) => ({ ...variables({ HOLD: "shutdown" }), Layers: [layer] }),
    async reach(stage, name) {
      await outcomeOf(stage.client(), name, { id: "before" });
      await change(stage, name);
      return { victims: await until(name, () => named(stage.instance, "held-shutdown")), made: "second" };
    },
  },
  {
    ...holding("retired", "call", ["Runtime.ExitError"]),
    async reach(stage, name) {
      const call = first(stage, name, { hold: "call" });
      const victims = await until(name, () => named(stage.instance, "held-call"));
      await change(stage, name);
      return { call, victims, made: "second" };
    },
  },
];

/** The call after the fault: it is run, in an environment that is as the phase says. */
export async function answersNext(stage: Stage, { name, provisioned }: Phase, made = "first"): Promise<void> {
  if (name === "stream") {
    assert.deepEqual(await streamOf(stage.client(), name, { id: "next" }).end, { payload: "first last" });
    return;
  }
  if (provisioned === true) await stage.ready(name);
  const type = provisioned === true ? "provisioned-concurrency" : "on-demand";
  const next = await outcomeOf(stage.client(), name, { id: "next" }, provisioned && "1");
  assert.deepEqual(next, { payload: { id: "next", made, type } });
}
