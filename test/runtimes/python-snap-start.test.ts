/** What the Python runtime does around a snapshot: hooks, the connection that ends with it, generators that start anew. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { python, withoutPython as skip } from "./python-runtime.ts";

const runtime = fileURLToPath(new URL("../../runtimes/python/", import.meta.url));

interface Run {
  /** `GET …/restore/next` and so on, as they came. */
  requests: string[];
  /** What was posted, with its error type. */
  posted: { kind: string | undefined; body: Record<string, unknown> }[];
  status: number | null;
  output: string;
}

/** Runs the function until it has answered one event or has ended. Its first wait for the restore ends as with a snapshot. */
async function run(t: TestContext, code: string): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), "kiln-python-"));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, "lambda_function.py"), code);
  const requests: string[] = [];
  const posted: Run["posted"] = [];
  let restores = 0;
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").replace("/2018-06-01/runtime", "");
    requests.push(`${request.method} ${path}`);
    if (request.method === "POST") {
      const kind = request.headers["lambda-runtime-function-error-type"];
      posted.push({ kind: kind?.toString(), body: JSON.parse(await text(request)) as Record<string, unknown> });
      response.writeHead(202).end("{}");
      if (path.endsWith("/response")) child.kill();
    } else if (path === "/restore/next") {
      if (restores++ === 0) request.socket.end();
      else response.end();
    } else {
      response.setHeader("Lambda-Runtime-Aws-Request-Id", "1");
      response.setHeader("Lambda-Runtime-Deadline-Ms", "1");
      if (posted.length === 0) response.end("{}");
    }
  }
  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const child = spawn(python.path, [`${runtime}bootstrap.py`], {
    env: {
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      AWS_LAMBDA_INITIALIZATION_TYPE: "snap-start",
      LAMBDA_TASK_ROOT: directory,
      LAMBDA_RUNTIME_DIR: runtime,
      _HANDLER: "lambda_function.handler",
      PYTHONDONTWRITEBYTECODE: "1",
    },
  });
  const [output, said] = [text(child.stdout), text(child.stderr)];
  const [status] = (await once(child, "close")) as [number | null];
  return { requests, posted, status, output: (await output) + (await said) };
}

test("hooks run in AWS's order, and what generates random numbers starts anew between them", { skip }, async (t) => {
  const { requests, posted } = await run(
    t,
    `
import random, ssl
from snapshot_restore_py import register_after_restore, register_before_snapshot

order = []
random.seed(7)
expected = random.Random(7).random()
added = []
plain = ssl.RAND_add
ssl.RAND_add = lambda data, entropy: (added.append((len(data), entropy)), plain(data, entropy))

@register_before_snapshot
def first():
    order.append("before 1")

register_before_snapshot(lambda *args, **named: order.append(["before 2", args, named]), 1, two=2)
register_after_restore(order.append, "after 1")

@register_after_restore
def last():
    order.append("after 2")
    order.append(random.random() == expected)

def handler(event, context):
    return {"order": order, "added": added, "stream": context.log_stream_name, "callable": first is not None}
`,
  );
  assert.deepEqual(requests.slice(0, 4), [
    "GET /restore/next",
    "GET /restore/next",
    "GET /invocation/next",
    "POST /invocation/1/response",
  ]);
  assert.deepEqual(posted[0]?.body, {
    order: [["before 2", [1], { two: 2 }], "before 1", "after 1", "after 2", false],
    added: [[48, 48]],
    stream: null,
    callable: true,
  });
});

/** A function whose only hook raises. */
const failing = (when: string): string =>
  `from snapshot_restore_py import register_${when}\n@register_${when}\ndef hook():\n    raise ValueError("no")\ndef handler(e, c):\n    return 1\n`;

test("a hook that raises before the snapshot is an init error, one after it a restore error", { skip }, async (t) => {
  const before = await run(t, failing("before_snapshot"));
  assert.deepEqual([before.requests, before.status], [["POST /init/error"], 64]);
  assert.equal(before.posted[0]?.kind, "Runtime.BeforeSnapshotError");
  const after = await run(t, failing("after_restore"));
  assert.deepEqual(after.requests, ["GET /restore/next", "GET /restore/next", "POST /restore/error"]);
  assert.deepEqual([after.posted[0]?.kind, after.status], ["Runtime.AfterRestoreError", 65]);
  for (const { posted, output } of [before, after]) {
    const { errorType, errorMessage, stackTrace } = posted[0]?.body ?? {};
    assert.deepEqual([errorType, errorMessage], ["ValueError", "no"]);
    assert.match(String(stackTrace), /lambda_function\.py.*in hook/s);
    assert.match(output, /\[ERROR\] ValueError: no/);
  }
});
