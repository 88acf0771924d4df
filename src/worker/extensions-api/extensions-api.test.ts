import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createRuntimeClient, type Answer } from "../testing/fake-runtime.ts";
import { openRuntimeApi, type RuntimeApiBench } from "../testing/runtime-api-bench.ts";
import { Extensions } from "./index.ts";

const API = "/2020-01-01/extension";

interface Bench {
  extensions: Extensions;
  api: RuntimeApiBench;
  call: (method: string, path: string, headers?: Record<string, string>, body?: string) => Promise<Answer>;
  register: (name: string, events: readonly string[], headers?: Record<string, string>) => Promise<Answer>;
  /** How often something has changed. */
  changes: () => number;
}

async function bench(t: TestContext, external: readonly string[] = []): Promise<Bench> {
  let changes = 0;
  const extensions = new Extensions({ external, changed: () => void (changes += 1) });
  extensions.facts = { functionName: "f", functionVersion: "7", handler: "a.b", accountId: "123456789012" };
  const api = await openRuntimeApi({}, false, undefined, { extensions });
  t.after(() => api.close());
  const client = createRuntimeClient(api.port);
  const call: Bench["call"] = (method, path, headers, body) => client.request(method, path, body, headers);
  return {
    extensions,
    api,
    call,
    register: (name, events, headers) =>
      call("POST", `${API}/register`, { "Lambda-Extension-Name": name, ...headers }, JSON.stringify({ events })),
    changes: () => changes,
  };
}

const id = ({ headers }: Answer): Record<string, string> => ({
  "Lambda-Extension-Identifier": String(headers["lambda-extension-identifier"]),
});

function refused(answer: Answer, errorType: string, errorMessage: string | RegExp): void {
  assert.equal(answer.status, 403);
  const body = JSON.parse(answer.body) as { errorType: string; errorMessage: string };
  assert.equal(body.errorType, errorType);
  if (typeof errorMessage === "string") assert.equal(body.errorMessage, errorMessage);
  else assert.match(body.errorMessage, errorMessage);
}

test("registration: what is answered, and to whom", async (t) => {
  const { register, call, extensions } = await bench(t, ["outer"]);
  assert.equal(extensions.registered, false);
  const plain = await register("inner", ["INVOKE"]);
  assert.equal(plain.status, 200);
  assert.deepEqual(JSON.parse(plain.body), { functionName: "f", functionVersion: "7", handler: "a.b" });
  assert.match(String(plain.headers["lambda-extension-identifier"]), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const outer = await register("outer", ["INVOKE", "SHUTDOWN"], { "Lambda-Extension-Accept-Feature": "x, accountId" });
  assert.equal((JSON.parse(outer.body) as { accountId: string }).accountId, "123456789012");
  assert.equal(extensions.registered, true);
  refused(
    await register("inner", []),
    "Extension.InvalidExtensionState",
    "Extension with this name already registered",
  );
  refused(
    await register("outer", []),
    "Extension.InvalidExtensionState",
    "State transition from Registered to Registered failed for extension outer. Error: State transition is not allowed",
  );
  refused(await register("", []), "Extension.InvalidExtensionName", "Empty extension name");
  refused(await register("x".repeat(256), []), "Extension.InvalidExtensionName", "Extension name too long");
  refused(await register("other", ["HELLO"]), "Extension.InvalidEventType", "HELLO: ErrorInvalidEventType");
  refused(
    await register("other", ["SHUTDOWN"]),
    "Extension.InvalidEventType",
    "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension",
  );
  for (const body of ["", "{", "[]", '{"events":[1]}', '{"configurationKeys":["a"]}']) {
    const answer = await call("POST", `${API}/register`, { "Lambda-Extension-Name": "other" }, body);
    refused(answer, "InvalidRequestFormat", /./);
  }
  assert.equal((await call("GET", `${API}/register`)).status, 405);
  assert.equal((await call("GET", `${API}/nothing`)).status, 404);
});

test("ten extensions, and none after the runtime's first request", async (t) => {
  const { register, extensions } = await bench(t, ["outer"]);
  for (let n = 1; n < 10; n++) assert.equal((await register(`e${n}`, [])).status, 200);
  refused(await register("e10", []), "Extension.TooManyExtensions", "Extension limit (10) reached");
  extensions.close();
  refused(await register("late", []), "Extension.RegistrationClosed", "Extension registration closed already");
});

test("events: one request waits at a time, and the next one says that the last is done", async (t) => {
  const { register, call, extensions } = await bench(t, ["outer"]);
  const outer = id(await register("outer", ["INVOKE", "SHUTDOWN"]));
  const inner = id(await register("inner", ["INVOKE"]));
  const deaf = id(await register("deaf", []));
  const next = (who: Record<string, string>): Promise<Answer> => {
    const asked = call("GET", `${API}/event/next`, who);
    // Those that still wait at the end are hung up on.
    asked.catch(() => undefined);
    return asked;
  };
  const waiting = [next(outer), next(inner), next(deaf)];
  while (!extensions.ready) await new Promise((resolve) => setImmediate(resolve));
  refused(await next(outer), "Extension.InvalidExtensionState", /^State transition from Ready to Ready failed/);
  const notice = { requestId: "r", deadlineMs: 5, invokedArn: "arn", traceId: "Root=1" };
  extensions.invoke(notice);
  const told = await waiting[0];
  assert.deepEqual(JSON.parse(told?.body ?? ""), {
    eventType: "INVOKE",
    deadlineMs: 5,
    requestId: "r",
    invokedFunctionArn: "arn",
    tracing: { type: "X-Amzn-Trace-Id", value: "Root=1" },
  });
  assert.equal(told?.headers["lambda-extension-identifier"], outer["Lambda-Extension-Identifier"]);
  assert.equal(extensions.busy, true);
  await waiting[1];
  void next(inner);
  // It is still busy when the end comes: it hears of it when it asks.
  while (extensions.describe()[1]?.state !== "Ready") await new Promise((resolve) => setImmediate(resolve));
  extensions.shutDown("timeout", 9);
  assert.deepEqual(JSON.parse((await next(outer)).body), {
    eventType: "SHUTDOWN",
    deadlineMs: 9,
    shutdownReason: "timeout",
  });
  assert.deepEqual(
    extensions.describe().map(({ state }) => state),
    ["Running", "Ready", "Ready"],
  );
});

test("an event whose request was lost is there for the next one", async (t) => {
  const { register, api, call, extensions } = await bench(t);
  const who = id(await register("inner", ["INVOKE"]));
  const socket = await api.open();
  socket.write(`GET ${API}/event/next HTTP/1.1\r\nHost: x\r\n${Object.entries(who)[0]?.join(": ") ?? ""}\r\n\r\n`);
  while (!extensions.ready) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  extensions.invoke({ requestId: "r", deadlineMs: 5, invokedArn: "arn", traceId: "t" });
  assert.equal(extensions.busy, true);
  const answer = await call("GET", `${API}/event/next`, who);
  assert.equal((JSON.parse(answer.body) as { requestId: string }).requestId, "r");
  assert.equal(extensions.busy, true);
});

test("reports of errors, and who may make them", async (t) => {
  const { register, call, extensions } = await bench(t);
  const who = id(await register("inner", []));
  const type = { "Lambda-Extension-Function-Error-Type": "Extension.NoKey" };
  const report = (path: string, headers: Record<string, string>): Promise<Answer> =>
    call("POST", `${API}/${path}`, headers, "{}");
  refused(
    await report("init/error", {}),
    "Extension.MissingExtensionIdentifier",
    "Missing Lambda-Extension-Identifier header",
  );
  const unknown = { "Lambda-Extension-Identifier": "00000000-0000-4000-8000-000000000000" };
  refused(
    await report("init/error", unknown),
    "Extension.UnknownExtensionIdentifier",
    "Unknown Lambda-Extension-Identifier",
  );
  refused(
    await report("exit/error", { "Lambda-Extension-Identifier": "x" }),
    "Extension.InvalidExtensionIdentifier",
    "Invalid Lambda-Extension-Identifier",
  );
  refused(await report("init/error", who), "Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found");
  const accepted = await report("init/error", { ...who, ...type });
  assert.deepEqual([accepted.status, JSON.parse(accepted.body)], [202, { status: "OK" }]);
  assert.equal(extensions.fatal, "Extension.InitError");
  assert.deepEqual(extensions.describe(), [
    { name: "inner", state: "InitError", events: [], errorType: "Extension.NoKey" },
  ]);
  assert.equal((await report("init/error", { ...who, ...type })).status, 202);
  refused(
    await report("exit/error", { ...who, ...type }),
    "Extension.InvalidExtensionState",
    /^State transition from InitError to Exited failed/,
  );
  refused(await call("GET", `${API}/event/next`, who), "Extension.InvalidExtensionState", /from InitError to Ready/);
  assert.equal(extensions.fatal, "Extension.InitError");
});

test("bodies are bounded", async (t) => {
  const { call } = await bench(t);
  const answer = await call("POST", `${API}/register`, { "Lambda-Extension-Name": "big" }, " ".repeat(65 * 1024));
  assert.equal(answer.status, 413);
});
