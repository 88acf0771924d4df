/** AWS's own runtime clients, unmodified, in real jails: the proof of the Runtime API. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { CreateFunctionCommandInput, LambdaClient } from "@aws-sdk/client-lambda";
import { runtimePrograms } from "../../tools/runtime-programs.ts";
import { call, deploy, type Answer } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";
import { zipOfFolder } from "../support/zip.ts";

interface Failure {
  errorType: string;
  errorMessage: string;
  stackTrace?: unknown[];
}

type Answers = Record<string, unknown>;

const clientContext = Buffer.from(JSON.stringify({ custom: { a: "b" } })).toString("base64");
const requestId = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const trace = /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};/;
const arn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

/** Deploys the program, or skips the test with the reason why this machine does not have it. */
async function prepared(name: string): Promise<{ zip: Buffer } | { reason: string }> {
  const program = runtimePrograms.find((each) => each.name === name) ?? assert.fail(name);
  const reason = await program.absent();
  return reason === undefined ? { zip: await zipOfFolder(await program.prepare()) } : { reason: `${name}: ${reason}` };
}

const failure = (answer: Answer): Failure => {
  assert.equal(answer.error, "Unhandled");
  return answer.payload as Failure;
};

const go = await prepared("go");
const rust = await prepared("rust");
const java = await prepared("java");
const root = process.getuid?.() === 0;
const skip = (found: { zip: Buffer } | { reason: string }): string | false =>
  "reason" in found ? found.reason : !root && "jails need root";

describe("aws-lambda-go on provided.al2023", { skip: skip(go), timeout: 120_000 }, () => {
  const name = "in-go";
  const { invoke, client, slow } = functionOf(go, { FunctionName: name, Runtime: "provided.al2023", Handler: "none" });

  it("answers, and has the whole context", async () => {
    const event = { number: 1.5, text: "ä \u{1f525}" };
    assert.deepEqual((await invoke(event)).payload, { echo: event });
    const context = (await invoke({ do: "context" }, { ClientContext: clientContext })).payload as Answers;
    assert.match(context["requestId"] as string, requestId);
    assert.equal(context["arn"], arn(name));
    assert.deepEqual([context["name"], context["memory"], context["client"]], [name, 256, "b"]);
    assert.match(context["trace"] as string, trace);
    const remaining = context["remaining"] as number;
    assert.ok(remaining > 0 && remaining <= 10_000, String(remaining));
  });

  it("finds AWS's environment of provided runtimes, and nothing of what started it", async () => {
    const {
      environment,
      directory,
      arguments: words,
    } = (await invoke({ do: "environment" })).payload as {
      environment: string[];
      directory: string;
      arguments: string[];
    };
    assert.equal(directory, "/var/task");
    assert.deepEqual(words, ["/var/task/bootstrap"]);
    const names = environment.map((line) => line.slice(0, line.indexOf("="))).sort();
    assert.deepEqual(
      names.filter((each) => !/^(AWS_|_X_AMZN)/.test(each)),
      ["LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "LANG", "LD_LIBRARY_PATH", "PATH", "PWD", "TZ", "_HANDLER"],
    );
    assert.ok(!names.includes("AWS_EXECUTION_ENV"));
  });

  it("reports errors with their types, and panics with a trace", async () => {
    assert.deepEqual(failure(await invoke({ do: "fail" })), { errorMessage: "not today", errorType: "refused" });
    const plain = failure(await invoke({ do: "plain" }));
    assert.deepEqual(plain, { errorMessage: "plain words", errorType: "errorString" });
    const panicked = failure(await invoke({ do: "panic" }));
    assert.deepEqual([panicked.errorMessage, panicked.errorType], ["no way", "string"]);
    assert.ok((panicked.stackTrace?.length ?? 0) > 0);
    // Its process has ended after the answer, as it does on AWS.
    assert.deepEqual((await invoke({ a: 1 })).payload, { echo: { a: 1 } });
  });

  it("ends by itself, or at its timeout", () => endsByItself(invoke, slow));

  it("panics before it asks for an event: Runtime.ExitError, with the trace in the log", async () => {
    await deploy(client(), "in-go-broken", "", settings(go, { Environment: { Variables: { PANIC: "1" } } }));
    const answer = await call(client(), "in-go-broken");
    assert.equal(failure(answer).errorType, "Runtime.ExitError");
    assert.match(failure(answer).errorMessage, /Error: Runtime exited with error: exit status 2$/);
    assert.match(answer.log, /panic: not even this far/);
  });
});

describe("lambda_runtime for Rust on provided.al2023", { skip: skip(rust), timeout: 120_000 }, () => {
  const name = "in-rust";
  const { invoke, slow } = functionOf(rust, { FunctionName: name, Runtime: "provided.al2023", Handler: "none" });

  it("answers, and has the whole context", async () => {
    assert.deepEqual((await invoke({ text: "ä" })).payload, { echo: { text: "ä" } });
    const context = (await invoke({ do: "context" }, { ClientContext: clientContext })).payload as Answers;
    assert.match(context["requestId"] as string, requestId);
    assert.equal(context["arn"], arn(name));
    assert.deepEqual([context["name"], context["memory"]], [name, 256]);
    assert.match(context["trace"] as string, trace);
    assert.equal((context["client"] as { custom: Answers }).custom["a"], "b");
    const remaining = context["remaining"] as number;
    assert.ok(remaining > 0 && remaining <= 10_000, String(remaining));
  });

  it("reports errors and panics", async () => {
    assert.deepEqual(failure(await invoke({ do: "fail" })), { errorType: "Refused", errorMessage: "not today" });
    assert.match(failure(await invoke({ do: "panic" })).errorMessage, /no way/);
    assert.deepEqual((await invoke(1)).payload, { echo: 1 });
  });

  it("ends by itself, or at its timeout", () => endsByItself(invoke, slow));
});

for (const Runtime of ["java17", "java21", "java25"] as const) {
  describe(`AWS's runtime interface client for Java in ${Runtime}`, { skip: skip(java), timeout: 180_000 }, () => {
    const { invoke, client, slow } = functionOf(java, {
      FunctionName: `in-${Runtime}`,
      Runtime,
      Handler: "Function::act",
      MemorySize: 512,
      Environment: { Variables: { JAVA_TOOL_OPTIONS: "-Dmine=1" } },
    });
    const another = async (handler: string, event: unknown, more: Partial<CreateFunctionCommandInput> = {}) => {
      const name = `in-${Runtime}-${handler.replaceAll(/\W+/g, "-")}`;
      await deploy(client(), name, "", settings(java, { Runtime, Handler: handler, MemorySize: 512, ...more }));
      return call(client(), name, event);
    };

    it("answers, and has the whole context", async () => {
      assert.deepEqual((await invoke({ a: [1] })).payload, { echo: { a: [1] } });
      const context = (await invoke({ do: "context" }, { ClientContext: clientContext })).payload as Answers;
      assert.match(context["requestId"] as string, requestId);
      assert.match(context["trace"] as string, trace);
      assert.ok((context["remaining"] as number) > 0 && (context["remaining"] as number) <= 10_000);
      const name = `in-${Runtime}`;
      assert.deepEqual(
        ["arn", "name", "version", "memory", "group", "client"].map((member) => context[member]),
        [arn(name), name, "$LATEST", 512, `/aws/lambda/${name}`, "b"],
      );
    });

    it("is the Java that its name says, with AWS's heap, the function's options and libraries, and authorities", async () => {
      const machine = (await invoke({ do: "machine" })).payload as Answers;
      assert.match(machine["java"] as string, new RegExp(`^${Runtime.slice(4)}\\.`));
      assert.deepEqual(
        ["home", "directory", "library", "property"].map((member) => machine[member]),
        ["/var/lang", "/var/task", "library", "1"],
      );
      // 85 % of 512 MB, of which the serial collector keeps one survivor space for itself.
      assert.ok((machine["heapMB"] as number) > 400 && (machine["heapMB"] as number) <= 435, String(machine["heapMB"]));
      assert.ok((machine["authorities"] as number) > 100);
    });

    it("makes objects of events and events of objects, and writes to the function's log", async () => {
      const receipt = await another("Function::handleRequest", { item: "tea", count: 2 });
      assert.deepEqual(receipt.payload, { text: "2 tea", sizes: [2, 3] });
      assert.match(receipt.log, /^order of tea$/m);
    });

    it("hands bytes to a stream handler", async () => {
      assert.deepEqual((await another("Function$Stream::handleRequest", { b: 1 })).payload, [{ b: 1 }]);
    });

    it("reports exceptions with type, message and trace", async () => {
      const refused = failure(await call(client(), `in-${Runtime}-Function-handleRequest`, { item: "x", count: -1 }));
      assert.deepEqual([refused.errorType, refused.errorMessage], ["Function$Refused", "not -1"]);
      assert.match(String(refused.stackTrace?.[0]), /^Function\.handleRequest\(Function\.java:\d+\)$/);
      const exhausted = failure(await invoke({ do: "exhaust" }));
      assert.deepEqual(
        [exhausted.errorType, exhausted.errorMessage],
        ["java.lang.OutOfMemoryError", "Java heap space"],
      );
    });

    it("starts in the smallest function, by its wrapper", async () => {
      const wrapped = await another(
        "Function::act",
        { do: "machine" },
        { MemorySize: 128, Environment: { Variables: { AWS_LAMBDA_EXEC_WRAPPER: "/var/task/wrapper" } } },
      );
      const machine = wrapped.payload as Answers;
      assert.equal(machine["wrapped"], "yes");
      assert.ok((machine["heapMB"] as number) > 90 && (machine["heapMB"] as number) < 110, String(machine["heapMB"]));
    });

    it("says why a handler cannot be loaded", async () => {
      const missing = failure(await another("Nowhere::handle", {}));
      assert.deepEqual(
        [missing.errorType, missing.errorMessage],
        ["java.lang.ClassNotFoundException", "Class not found: Nowhere"],
      );
      const broken = failure(await another("Function$Broken", {}));
      assert.equal(broken.errorType, "java.lang.IllegalStateException");
      assert.equal(broken.errorMessage, "no configuration");
    });

    it("ends by itself, or at its timeout", () => endsByItself(invoke, slow));
  });
}

function settings(
  found: { zip: Buffer } | { reason: string },
  more: Partial<CreateFunctionCommandInput>,
): Partial<CreateFunctionCommandInput> {
  return {
    Runtime: "provided.al2023",
    MemorySize: 256,
    Timeout: 10,
    Code: "zip" in found ? { ZipFile: found.zip } : {},
    ...more,
  };
}

type Invoke = (event: unknown, more?: Parameters<typeof call>[3]) => Promise<Answer>;

/** Of the suite around it: one Kiln, with the function deployed before its tests. */
function functionOf(
  found: { zip: Buffer } | { reason: string },
  more: Partial<CreateFunctionCommandInput> & { FunctionName: string },
): { invoke: Invoke; client: () => LambdaClient; slow: () => Promise<Answer> } {
  let client: LambdaClient | undefined;
  const endings: (() => unknown)[] = [];
  const running = (): LambdaClient => client ?? assert.fail("Kiln has not been started");
  before(async () => {
    const kiln = await startTestKiln({ after: (ending: () => unknown) => endings.push(ending) } as never);
    client = kiln.client();
    const { FunctionName: name, ...rest } = settings(found, more);
    await deploy(client, name ?? "", "", rest);
  });
  after(async () => {
    for (const ending of endings) await ending();
  });
  const { FunctionName: name } = more;
  return {
    client: running,
    invoke: (event, options) => call(running(), name, event, options),
    async slow() {
      await deploy(
        running(),
        `${name}-slow`,
        "",
        settings(found, { ...more, FunctionName: `${name}-slow`, Timeout: 1 }),
      );
      return call(running(), `${name}-slow`, { do: "sleep" });
    },
  };
}

async function endsByItself(invoke: Invoke, slow: () => Promise<Answer>): Promise<void> {
  const ended = failure(await invoke({ do: "exit" }));
  assert.equal(ended.errorType, "Runtime.ExitError");
  assert.match(ended.errorMessage, /^RequestId: \S+ Error: Runtime exited with error: exit status 3$/);
  assert.deepEqual((await invoke({ again: 1 })).payload, { echo: { again: 1 } });
  const late = failure(await slow());
  assert.equal(late.errorType, "Sandbox.Timedout");
  assert.match(late.errorMessage, /Task timed out after 1\.00 seconds$/);
}
