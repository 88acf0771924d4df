/** Starts a bootstrap as a plain process on a task root of its own, with a fake Runtime API. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";

import { systemCode } from "../../src/base/errors.ts";
import { fakeRuntimeApi, type Answer, type Invocation } from "./fake-runtime-api.ts";

export interface StartOptions {
  /** Files of the task root, by path. */
  files: Record<string, string>;
  handler?: string;
  env?: Record<string, string>;
  /** AWS's identifier; decides what a bootstrap does for its version, whatever interpreter runs the test. */
  runtime?: string;
  /** Starts without a function; it gets it by `assign`. */
  preboot?: boolean;
}

/** What a family's bootstrap is. */
export interface Bootstrap {
  /** The program and its parameters. */
  command: readonly [string, ...string[]];
  runtime: string;
  handler: string;
  /** Variables of every start. */
  env?: Record<string, string>;
}

export interface InitError {
  errorType: string;
  errorMessage: string;
  /** Of Node.js. */
  trace: string[];
  /** Of other languages. */
  stackTrace: string[];
}

export interface BootstrapProcess {
  root: string;
  connections(): number;
  /** Calls the handler; the event is given as a value, the answer's body comes back parsed. */
  invoke(event: unknown, more?: Partial<Invocation>): Promise<{ kind: string; value: unknown; raw: Answer }>;
  initError(): Promise<InitError>;
  /** What it wrote to standard output, in lines, once there are so many: they travel apart from the answers. */
  lines(count: number): Promise<string[]>;
  assign(env?: Record<string, string>): void;
  kill(signal: NodeJS.Signals): void;
  /** Exit status once it has ended by itself. */
  exited: Promise<number | null>;
}

let requests = 0;

export async function startBootstrap(
  test: TestContext,
  bootstrap: Bootstrap,
  options: StartOptions,
): Promise<BootstrapProcess> {
  const root = await mkdtemp(join(tmpdir(), "kiln-task-"));
  const api = await fakeRuntimeApi();
  for (const [path, content] of Object.entries(options.files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  const own = {
    ...bootstrap.env,
    AWS_EXECUTION_ENV: `AWS_Lambda_${options.runtime ?? bootstrap.runtime}`,
    AWS_LAMBDA_RUNTIME_API: api.address,
    PATH: process.env["PATH"] ?? "",
  };
  const function_ = {
    ...own,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
    AWS_LAMBDA_FUNCTION_NAME: "f",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/f",
    AWS_LAMBDA_LOG_STREAM_NAME: "2026/01/01/[$LATEST]0",
    LAMBDA_TASK_ROOT: root,
    _HANDLER: options.handler ?? bootstrap.handler,
    ...options.env,
  };
  const [program, ...parameters] = bootstrap.command;
  const child = spawn(program, parameters, {
    env: options.preboot === true ? { ...own, KILN_PREBOOT: "1", LEFTOVER: "1" } : function_,
    stdio: ["ignore", "pipe", "inherit"],
    // A group of its own: a runtime that starts itself again has a child.
    detached: true,
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  const exited = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  test.after(async () => {
    killGroup(child.pid);
    await exited;
    await api.close();
    await rm(root, { recursive: true, force: true });
  });
  return {
    root,
    connections: () => api.connections,
    async invoke(event, more = {}) {
      requests += 1;
      const raw = await api.invoke({ id: `request-${String(requests)}`, event: JSON.stringify(event), ...more });
      return { kind: raw.kind, value: parsed(raw.body), raw };
    },
    initError: async () => JSON.parse((await api.initError).body) as InitError,
    async lines(count) {
      while (stdout.split("\n").length <= count) {
        await once(child.stdout, "data");
      }
      return stdout.split("\n").slice(0, -1);
    },
    assign: (env = {}) => api.assign({ ...function_, ...env }),
    kill: (signal) => void child.kill(signal),
    exited,
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function killGroup(pid: number | undefined): void {
  try {
    process.kill(-(pid ?? Number.NaN), "SIGKILL");
  } catch (error) {
    if (systemCode(error) !== "ESRCH") {
      throw error;
    }
  }
}
