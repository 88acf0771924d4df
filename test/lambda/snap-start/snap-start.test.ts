/** SnapStart from PublishVersion to the REPORT line, on a fake sandbox that has snapshots. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test, type TestContext } from "node:test";

import {
  DeleteFunctionCommand,
  type LambdaServiceException,
  PublishLayerVersionCommand,
  PutProvisionedConcurrencyConfigCommand,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { KilnError, ServiceError } from "../../../src/base/errors.ts";
import type { UsedArtifacts } from "../../../src/artifacts/contract.ts";
import type { FakeGuest } from "../../../src/worker/testing/fake-sandbox.ts";
import { domainOn, scope } from "../support.ts";
import { python, snapStartBench, type SnapStartBench } from "./bench.ts";

const CREDENTIALS = "/2021-04-23/credentials";

async function arrayOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A function with one published version, which is settled. */
async function published(t: TestContext, bench?: SnapStartBench): Promise<SnapStartBench> {
  const api = bench ?? (await snapStartBench(t));
  await api.deploy("f", python);
  await api.publish("f");
  await api.functions.settled();
  return api;
}

function statesOf({
  State,
  StateReasonCode,
  StateReason,
  SnapStart,
}: Awaited<ReturnType<SnapStartBench["shown"]>>): unknown {
  return [State, StateReasonCode, StateReason, SnapStart?.OptimizationStatus];
}

/** For assert.rejects: AWS's exception, with its status. */
function exception(name: string, status: number, message?: string): (error: unknown) => boolean {
  return (error) => {
    const thrown = error as LambdaServiceException;
    assert.deepEqual([thrown.name, thrown.$metadata.httpStatusCode], [name, status]);
    if (message !== undefined) assert.equal(thrown.message, message);
    return true;
  };
}

const NOT_READY =
  "Lambda is initializing your function. It will be ready to invoke once your function state becomes ACTIVE.";
const HOOK =
  "The afterRestore() runtime hook encountered an error. For more information, check the Amazon CloudWatch logs.";
const active = ["Active", undefined, undefined, "On"];

test("a version is Pending until its snapshot is taken, and calls are told so in AWS's words", async (t) => {
  const api = await snapStartBench(t);
  await api.deploy("f", python);
  const gate = Promise.withResolvers<void>();
  api.behaviour.init = () => gate.promise;
  const version = await api.publish("f");
  assert.deepEqual(statesOf(version), ["Pending", "Creating", "The function is being created.", "Off"]);
  await assert.rejects(api.call("f", "1"), exception("SnapStartNotReadyException", 409, NOT_READY));
  gate.resolve();
  const { state } = await waitUntilPublishedVersionActive(
    { client: api.client, maxWaitTime: 20, minDelay: 0.05 },
    { FunctionName: "f", Qualifier: "1" },
  );
  assert.equal(state, "SUCCESS");
  assert.deepEqual(statesOf(await api.shown("f", "1")), active);
  assert.equal((await api.shown("f", "$LATEST")).SnapStart?.OptimizationStatus, "Off");
  assert.equal(api.sandbox.guests.length, 1, "initialised once");
});

test("environments go on from the snapshot: what init made is the same, and the report tells of the restore", async (t) => {
  const api = await published(t);
  const both = await Promise.all([api.call("f", "1"), api.call("f", "1")]);
  assert.deepEqual(both, [
    { number: 1, type: "snap-start" },
    { number: 1, type: "snap-start" },
  ]);
  const restored = api.sandbox.guests.filter((guest) => guest.restoredFrom === api.sandbox.guests[0]);
  assert.ok(restored.length > 0 && restored.length === api.sandbox.guests.length - 1);
  assert.deepEqual(await api.call("f", "$LATEST"), { number: 2, type: "on-demand" });
  const lines = api.log.lines.join("\n");
  assert.match(lines, /^INIT_START Runtime Version: python:3\.13\t/m);
  assert.match(lines, /^INIT_REPORT Init Duration: \d+\.\d\d ms$/m);
  assert.match(lines, /^RESTORE_START Runtime Version: python:3\.13\tRuntime Version ARN: arn:/m);
  assert.match(lines, /^RESTORE_REPORT Restore Duration: \d+\.\d\d ms$/m);
  const report =
    /^REPORT .*\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms\t.*\tRestore Duration: ([\d.]+) ms\tBilled Restore Duration: (\d+) ms\t$/m;
  const [, duration, billed, restore, billedRestore] = report.exec(lines) ?? [];
  assert.equal(Number(billed), Math.ceil(Number(duration)) + Number(billedRestore));
  assert.ok(Number(restore) > 0);
  // A warm call has neither.
  const before = api.log.lines.length;
  await api.call("f", "1");
  assert.ok(api.log.lines.length > before);
  assert.doesNotMatch(api.log.lines.slice(before).join("\n"), /Restore|Init/);
});

test("credentials are asked for with the version's token, and stand in no variable", async (t) => {
  const api = await snapStartBench(t);
  const answers: { status: number; body: string }[] = [];
  let variables: Readonly<Record<string, string>> = {};
  api.behaviour.restored = async (guest, client) => {
    variables = guest.spec.env;
    for (const token of [variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] ?? "", "another", ""]) {
      answers.push(await client.request("GET", CREDENTIALS, undefined, { authorization: token }));
    }
  };
  await published(t, api);
  await api.call("f", "1");
  assert.equal(variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"], "http://127.0.0.1:9001/2021-04-23/credentials");
  for (const absent of [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_LOG_STREAM_NAME",
  ]) {
    assert.equal(variables[absent], undefined, absent);
  }
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 404, 404],
  );
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = JSON.parse(answers[0]?.body ?? "") as Record<
    string,
    string
  >;
  assert.match(AccessKeyId ?? "", /^ASIA/);
  assert.ok(SecretAccessKey && Token && Date.parse(Expiration ?? "") > Date.now());
  assert.equal(answers[1]?.body, "cannot get credentials for the provided token\n");
});

test("a runtime that asks for events and not for the restore is restored as well", async (t) => {
  const api = await snapStartBench(t);
  api.behaviour.straightToEvents = true;
  await published(t, api);
  assert.deepEqual(await api.call("f", "1"), { number: 1, type: "snap-start" });
  assert.equal(api.sandbox.guests[1]?.restoredFrom, api.sandbox.guests[0]);
});

test("a function that cannot be initialised leaves a version that has failed, with the code that AWS gives", async (t) => {
  const api = await snapStartBench(t);
  const failures: Record<
    string,
    (guest: FakeGuest, client: { initError(body: string, type: string): Promise<unknown> }) => unknown
  > = {
    "a hook before the snapshot": (_guest, client) => client.initError("{}", "Runtime.BeforeCheckpointError"),
    "the runtime ends": (guest) => guest.exit({ status: 1 }),
  };
  for (const [index, [what, fail]] of Object.entries(failures).entries()) {
    const name = `f${index}`;
    api.behaviour.init = async (guest, client) => void (await fail(guest, client));
    await api.deploy(name, python);
    await api.publish(name);
    await api.functions.settled();
    const shown = await api.shown(name, "1");
    const reason = "An error occurred during function initialization.";
    assert.deepEqual(statesOf(shown), ["Failed", "FunctionError", reason, "Off"], what);
    assert.deepEqual([shown.LastUpdateStatus, shown.LastUpdateStatusReasonCode], ["Failed", "FunctionError"]);
    await assert.rejects(api.call(name, "1"), { name: "ResourceConflictException" });
  }
  assert.match(api.log.lines.join("\n"), /INIT_REPORT .*Status: error\tError Type: Runtime.BeforeCheckpointError/);
});

test("an init phase that takes too long fails the version", async (t) => {
  const api = await snapStartBench(t, { initPhaseMs: 50 });
  api.behaviour.init = () => new Promise(() => undefined);
  await published(t, api);
  assert.deepEqual(statesOf(await api.shown("f", "1")), [
    "Failed",
    "FunctionError",
    "An error occurred during function initialization.",
    "Off",
  ]);
  assert.match(api.log.lines.join("\n"), /INIT_REPORT Init Duration: 50.00 ms\tPhase: init\tStatus: timeout/);
});

test("a snapshot that the host cannot take is tried again, and then the version has failed", async (t) => {
  const api = await snapStartBench(t);
  const create = api.sandbox.create.bind(api.sandbox);
  let failing = 1;
  let attempts = 0;
  api.sandbox.create = async (spec) => {
    const jail = await create(spec);
    const take = jail.snapshot?.bind(jail);
    if (take === undefined || spec.snapshotted !== true) return jail;
    attempts += 1;
    return {
      ...jail,
      snapshot: () => (failing-- > 0 ? Promise.reject(new KilnError("SNAPSHOT_ROOM", "full")) : take()),
    };
  };
  await published(t, api);
  assert.deepEqual([attempts, statesOf(await api.shown("f", "1"))], [2, active]);
  failing = 2;
  await api.deploy("g", python);
  await api.publish("g");
  await api.functions.settled();
  assert.deepEqual(statesOf(await api.shown("g", "1")), [
    "Failed",
    "InternalError",
    "The snapshot could not be taken: full",
    "Off",
  ]);
});

test("a hook after the restore that fails, ends its runtime, or takes too long is told in AWS's words", async (t) => {
  const api = await published(t, await snapStartBench(t, { restoreMs: 100 }));
  api.behaviour.restored = async (guest, client) => {
    await client.request("POST", "/2018-06-01/runtime/restore/error", "{}", {
      "lambda-runtime-function-error-type": "Runtime.AfterRestoreError",
    });
    guest.exit({ status: 64 });
  };
  await assert.rejects(api.call("f", "1"), exception("SnapStartException", 400, HOOK));
  api.behaviour.restored = (guest) => guest.exit({ status: 1 });
  await assert.rejects(api.call("f", "1"), { name: "SnapStartException" });
  api.behaviour.restored = () => new Promise(() => undefined);
  await assert.rejects(
    api.call("f", "1"),
    exception("SnapStartTimeoutException", 408, "Lambda couldn't restore the snapshot within the timeout limit."),
  );
  const lines = api.log.lines.join("\n");
  assert.match(
    lines,
    /RESTORE_REPORT Restore Duration: [\d.]+ ms\tStatus: error\tError Type: Runtime.AfterRestoreError/,
  );
  assert.match(lines, /RESTORE_REPORT Restore Duration: [\d.]+ ms\tStatus: error\tError Type: Runtime.ExitError/);
  assert.match(lines, /RESTORE_REPORT Restore Duration: [\d.]+ ms\tStatus: timeout/);
  // The version is what it was.
  api.behaviour.restored = () => undefined;
  assert.deepEqual(await api.call("f", "1"), { number: 1, type: "snap-start" });
});

test("functions with extensions have no snapshot, and are initialised on demand", async (t) => {
  const api = await snapStartBench(t);
  api.behaviour.init = async (_guest, client) => {
    const { headers } = await client.request("POST", "/2020-01-01/extension/register", JSON.stringify({ events: [] }), {
      "lambda-extension-name": "inside",
    });
    const id = String(headers["lambda-extension-identifier"]);
    // It waits for ever: it has asked for no events.
    client
      .request("GET", "/2020-01-01/extension/event/next", undefined, { "lambda-extension-identifier": id })
      .catch(() => undefined);
  };
  await published(t, api);
  assert.deepEqual(statesOf(await api.shown("f", "1")), ["Active", undefined, undefined, "Off"]);
  api.behaviour.init = () => undefined;
  assert.deepEqual(await api.call("f", "1"), { number: 2, type: "on-demand" });
});

test("nothing is taken of a function whose layers bring extensions, and a start leaves its version alone", async (t) => {
  const api = await snapStartBench(t);
  api.sandbox.filesIn = () => ["outside"];
  const content = { ZipFile: Buffer.from("layer") };
  const layer = await api.client.send(new PublishLayerVersionCommand({ LayerName: "l", Content: content }));
  await api.deploy("f", { ...python, Layers: [layer.LayerVersionArn ?? ""] });
  await api.publish("f");
  await api.functions.settled();
  const { RevisionId, ...shown } = await api.shown("f", "1");
  assert.deepEqual(statesOf(shown), ["Active", undefined, undefined, "Off"]);
  await api.restart();
  await api.functions.settled();
  assert.equal((await api.shown("f", "1")).RevisionId, RevisionId);
  assert.equal(api.sandbox.guests.length, 0);
});

test("a snapshot that is gone is taken anew, and calls wait for that as for the first", async (t) => {
  const api = await snapStartBench(t);
  api.behaviour.forgetful = true;
  await published(t, api);
  assert.equal(api.sandbox.snapshotsHeld, 0);
  for await (const id of api.store.blobs.list()) await api.store.blobs.delete(id);
  await assert.rejects(api.call("f", "1"), exception("SnapStartNotReadyException", 409, NOT_READY));
  await api.functions.settled();
  assert.deepEqual(statesOf(await api.shown("f", "1")), active);
  assert.deepEqual(await api.call("f", "1"), { number: 2, type: "snap-start" }, "read from the store");
  assert.equal(api.sandbox.snapshotsHeld, 1);
});

test("a snapshot of another host is taken anew at the start; one that cannot be is tried again at the next", async (t) => {
  const api = await published(t);
  api.kindIs("host-2");
  await assert.rejects(api.call("f", "1"), { name: "SnapStartNotReadyException" });
  await api.functions.settled();
  assert.deepEqual(await api.call("f", "1"), { number: 2, type: "snap-start" });

  api.kindIs("host-3");
  api.behaviour.init = (guest) => guest.exit({ status: 1 });
  await api.restart();
  await api.functions.settled();
  assert.deepEqual(statesOf(await api.shown("f", "1")), [
    "Failed",
    "FunctionError",
    "An error occurred during function initialization.",
    "Off",
  ]);
  await assert.rejects(api.call("f", "1"), exception("SnapStartRegenerationFailureException", 409));
  api.behaviour.init = () => undefined;
  await api.restart();
  await api.functions.settled();
  assert.deepEqual(statesOf(await api.shown("f", "1")), active);
  assert.equal(((await api.call("f", "1")) as { type: string }).type, "snap-start");
});

test("what a crash leaves Pending is taken again at the next start", async (t) => {
  const api = await snapStartBench(t);
  await api.deploy("f", python);
  const gate = Promise.withResolvers<void>();
  api.behaviour.init = () => gate.promise;
  await api.publish("f");
  const restarted = api.restart();
  api.behaviour.init = () => undefined;
  gate.resolve();
  await restarted;
  await api.functions.settled();
  assert.deepEqual(statesOf(await api.shown("f", "1")), active);
});

test("a level without snapshots forgets them, and never says that it optimizes", async (t) => {
  const api = await published(t);
  const other = await domainOn(api.store, api.artifacts, api.dir);
  t.after(() => other.functions.close());
  const { version } = await other.functions.get(scope, "f", "1");
  assert.deepEqual([version.phase, version.snapshot], ["ready", undefined]);
});

test("a collection keeps the snapshot as long as its version, and no longer", async (t) => {
  const api = await published(t);
  const used: UsedArtifacts[] = [];
  const collect = api.artifacts.collect.bind(api.artifacts);
  api.artifacts.collect = (inUse) => {
    used.push(inUse);
    return collect(inUse);
  };
  const blobs = await arrayOf(api.store.blobs.list());
  assert.equal(blobs.length, 1, "the snapshot, as the code of these tests is in memory");
  await api.deploy("g", python);
  await api.client.send(new DeleteFunctionCommand({ FunctionName: "g" }));
  await api.functions.settled();
  assert.ok(used.at(-1)?.blobs.has(blobs[0] ?? ""));
  await api.client.send(new DeleteFunctionCommand({ FunctionName: "f", Qualifier: "1" }));
  await api.functions.settled();
  assert.equal(used.at(-1)?.blobs.has(blobs[0] ?? ""), false);
});

test("a snapshot of a function with a key of its own is under that key, which every start asks for", async (t) => {
  const clear = randomBytes(32);
  const asked: string[] = [];
  let disabled = false;
  const api = await snapStartBench(
    t,
    {},
    {
      codeKeys: {
        async make(_scope, functionArn, key) {
          asked.push(`make ${functionArn} ${key}`);
          return { sealed: { key, arn: key, dataKey: "sealed" }, clear };
        },
        async open(_scope, functionArn, sealed) {
          asked.push(`open ${functionArn} ${sealed.dataKey}`);
          if (disabled) throw new ServiceError("KMSDisabledException", "disabled", { status: 502 });
          return clear;
        },
      },
    },
  );
  api.behaviour.forgetful = true;
  await api.deploy("f", { ...python, KMSKeyArn: "arn:aws:kms:us-east-1:123456789012:key/mine" });
  await api.publish("f");
  await api.functions.settled();
  const [blob = ""] = await arrayOf(api.store.blobs.list());
  const stored = await (await api.store.blobs.get(blob))?.bytes();
  assert.ok(stored !== undefined && !Buffer.from(stored).includes("fake"));
  assert.deepEqual(await api.call("f", "1"), { number: 1, type: "snap-start" });
  const function1 = "arn:aws:lambda:us-east-1:123456789012:function:f";
  assert.deepEqual(asked, [
    `make ${function1} arn:aws:kms:us-east-1:123456789012:key/mine`,
    `open ${function1} sealed`,
  ]);
  disabled = true;
  for (const guest of api.sandbox.guests) guest.exit({ status: 1 });
  await assert.rejects(api.call("f", "1"), exception("KMSDisabledException", 502, "disabled"));
});

const refused = (what: string): object => ({
  name: "InvalidParameterValueException",
  message: `${what} is not supported for SnapStart enabled functions.`,
});

test("what SnapStart does not go with is refused", async (t) => {
  const api = await published(t);
  await assert.rejects(
    api.client.send(
      new PutProvisionedConcurrencyConfigCommand({
        FunctionName: "f",
        Qualifier: "1",
        ProvisionedConcurrentExecutions: 1,
      }),
    ),
    refused("Provisioned Concurrency"),
  );
  await assert.rejects(
    api.deploy("g", { ...python, EphemeralStorage: { Size: 513 } }),
    refused("EphemeralStorage greater than 512 MB"),
  );
});
