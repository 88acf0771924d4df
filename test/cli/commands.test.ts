import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { startFakeKiln } from "./fake-kiln.ts";
import { kiln, running, type Finished } from "./program.ts";

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), "kiln-cli-src-"));
  t.after(() => rmSync(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(path, name, ".."), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

test("deploy creates, changes only what is given, and does nothing when nothing changed", async (t) => {
  const fake = await startFakeKiln(t);
  const source = folder(t, { "hello/index.mjs": "export const handler = async () => 1;" });
  const deploy = async (...more: string[]) =>
    JSON.parse(
      (await kiln(["deploy", "hello", "--json", ...more], { cwd: source, env: { KILN_STATE: fake.state } })).stdout,
    );

  const created = await deploy("--memory", "256", "-e", "STAGE=1", "-e", "FLAGS=x=y");
  assert.equal(created.action, "created");
  assert.equal(created.FunctionArn, "arn:aws:lambda:us-east-1:000000000000:function:hello");
  const hello = fake.functions.get("hello");
  assert.equal(hello?.Handler, "index.handler");
  assert.match(hello?.Runtime ?? "", /^nodejs\d+\.x$/);
  assert.deepEqual(hello?.Environment?.Variables, { STAGE: "1", FLAGS: "x=y" });

  assert.equal((await deploy()).action, "unchanged");
  writeFileSync(join(source, "hello/index.mjs"), "export const handler = async () => 2;");
  assert.equal((await deploy()).action, "updated");
  const updated = await deploy("--timeout", "30");
  assert.deepEqual([updated.action, updated.Timeout, updated.MemorySize], ["updated", 30, 256]);
  assert.deepEqual(fake.functions.get("hello")?.Environment?.Variables, { STAGE: "1", FLAGS: "x=y" });
});

test("deploy prints the ARN on stdout and the next command on stderr", async (t) => {
  const fake = await startFakeKiln(t);
  const source = folder(t, { "one.mjs": "export const handler = async () => 1;" });
  const { status, stdout, stderr } = await kiln(["deploy", "one.mjs"], {
    cwd: source,
    env: { KILN_STATE: fake.state },
  });
  assert.equal(status, 0, stderr);
  assert.equal(stdout, "arn:aws:lambda:us-east-1:000000000000:function:one\n");
  assert.match(stderr, /^Created one from one\.mjs .*: nodejs\d+\.x, one\.handler, 128 MB, 3 s\.\n.*kiln invoke one /);
});

test("deploy --url creates a URL once, and prints it after the ARN", async (t) => {
  const fake = await startFakeKiln(t);
  const source = folder(t, { "one.mjs": "export const handler = async () => 1;" });
  const surroundings = { cwd: source, env: { KILN_STATE: fake.state } };
  const url = "http://one.lambda-url.us-east-1.localhost:4566/";
  for (const _time of ["first", "second"]) {
    const { status, stdout, stderr } = await kiln(["deploy", "one.mjs", "--url"], surroundings);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, `arn:aws:lambda:us-east-1:000000000000:function:one\n${url}\n`);
    assert.equal(fake.functions.get("one")?.url?.AuthType, "NONE");
    const allowed = [...(fake.functions.get("one")?.permissions?.values() ?? [])];
    assert.deepEqual(
      allowed.map(({ Action, Principal }) => [Action, Principal]),
      [
        ["lambda:InvokeFunctionUrl", "*"],
        ["lambda:InvokeFunction", "*"],
      ],
    );
  }
  const { stdout } = await kiln(["deploy", "one.mjs", "--url", "--json"], surroundings);
  assert.equal((JSON.parse(stdout) as { FunctionUrl: string }).FunctionUrl, url);
  Object.assign(fake.functions.get("one")?.url ?? {}, { AuthType: "AWS_IAM" });
  const refused = await kiln(["deploy", "one.mjs", "--url"], surroundings);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /only signed requests may call/);
});

test("deploy takes zips, package.json's main, and what is not told otherwise must be said", async (t) => {
  const fake = await startFakeKiln(t);
  const source = folder(t, {
    "main/package.json": '{"main":"./src/app.js"}',
    "main/src/app.js": "exports.handler = async () => 1;",
    "several/app.py": "def handler(e, c): pass",
    "several/other.py": "",
    "broken/package.json": '{"main":"nowhere.js"}',
    "my app/index.mjs": "",
    "my app/notes.txt": "",
    "empty/.DS_Store": "x",
    "bad.zip": "this is a text",
  });
  execFileSync("sh", ["-c", 'cd "$1"; python3 -m zipfile -c code.zip main', "sh", source]);
  const surroundings = { cwd: source, env: { KILN_STATE: fake.state } };

  assert.equal((await kiln(["deploy", "main"], surroundings)).status, 0);
  assert.equal(fake.functions.get("main")?.Handler, "src/app.handler");
  assert.equal((await kiln(["deploy", "code.zip", "--handler", "a.b"], surroundings)).status, 0);
  assert.deepEqual(Buffer.from(fake.functions.get("code")?.zip ?? []), readFileSync(join(source, "code.zip")));
  const python = ["deploy", "several", "--runtime", "python3.11", "--handler", "app.handler", "--name", "py"];
  assert.equal((await kiln(python, surroundings)).status, 0);
  assert.equal(fake.functions.get("py")?.Runtime, "python3.11");

  for (const [parameters, says] of [
    [["deploy", "several"], /not clear what to call.*\n.*--handler/],
    [["deploy", "code.zip", "--name", "new"], /not clear what to call/],
    [["deploy", "bad.zip", "--runtime", "nodejs24.x"], /bad\.zip is no zip/],
    [["deploy", "broken"], /main is nowhere\.js, and there is no such file/],
    [["deploy", "my app"], /"my app" cannot be the name.*\n.*--name/],
    [["deploy", "empty"], /is empty/],
    [["deploy", "nothing-here"], /There is no nothing-here/],
    [["deploy", "my app/notes.txt"], /not something to deploy/],
  ] as const) {
    const { status, stdout, stderr } = await kiln(parameters, surroundings);
    assert.equal(status, 1, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});

test("deploy tells the language by the files: runtime and handler are AWS's for it", async (t) => {
  const fake = await startFakeKiln(t);
  const source = folder(t, {
    "usual/lambda_function.py": "def lambda_handler(event, context):\n    pass\n",
    "usual/helper.py": "",
    "usual/__pycache__/helper.cpython-313.pyc": "x",
    "one/app.py": "async_ = 1\ndef lambda_handler(event, context):\n    return handler\n",
    "plain/main.py": "def handler(event, context):\n    pass\n",
    "assigned/main.py": "def make():\n    pass\nhandler = make()\n",
    "rubies/lambda_function.rb": "def lambda_handler(event:, context:) = 1\n",
    "own/bootstrap": "#!/bin/sh\n",
    "own/lambda_function.py": "",
    "idle/bootstrap": "not executable",
    "idle/index.mjs": "",
    "both/index.mjs": "",
    "both/tool.py": "",
  });
  chmodSync(join(source, "own/bootstrap"), 0o755);
  const surroundings = { cwd: source, env: { KILN_STATE: fake.state } };
  for (const [index, [what, runtime, handler]] of [
    ["usual", "python3.13", "lambda_function.lambda_handler"],
    ["one", "python3.13", "app.lambda_handler"],
    ["plain", "python3.13", "main.handler"],
    ["assigned", "python3.13", "main.handler"],
    ["rubies", "ruby3.3", "lambda_function.lambda_handler"],
    ["own", "provided.al2023", "bootstrap"],
    ["idle", "nodejs24.x", "index.handler"],
    ["both", "nodejs24.x", "index.handler"],
    ["one/app.py", "python3.13", "app.lambda_handler"],
    ["rubies/lambda_function.rb", "ruby3.3", "lambda_function.lambda_handler"],
  ].entries()) {
    const { status, stderr } = await kiln(["deploy", what ?? "", "--name", `f${index}`], surroundings);
    assert.equal(status, 0, stderr);
    const found = fake.functions.get(`f${index}`);
    assert.deepEqual([found?.Runtime, found?.Handler], [runtime, handler], what);
  }
  // Other code of the same language leaves the runtime alone; another language cannot.
  await kiln(["deploy", "usual", "--name", "g", "--runtime", "python3.11"], surroundings);
  await kiln(["deploy", "one", "--name", "g"], surroundings);
  assert.equal(fake.functions.get("g")?.Runtime, "python3.11");
  await kiln(["deploy", "both", "--name", "g"], surroundings);
  assert.deepEqual(
    [fake.functions.get("g")?.Runtime, fake.functions.get("g")?.Handler],
    ["nodejs24.x", "index.handler"],
  );
});

test("invoke: the answer on stdout, errors and log on stderr, the exit status", async (t) => {
  const fake = await startFakeKiln(t);
  const source = folder(t, { "index.mjs": "x", "event.json": '{"from":"file"}' });
  const surroundings = { cwd: source, env: { KILN_STATE: fake.state } };
  await kiln(["deploy", ".", "--name", "f"], surroundings);
  const invoke = (...more: string[]) => kiln(["invoke", "f", ...more], surroundings);

  assert.deepEqual(await invoke(), { status: 0, stdout: '{"got":{}}\n', stderr: "" });
  assert.equal((await invoke("--payload", '{"a":1}', "--raw")).stdout, '{"got":{"a":1}}');
  assert.equal((await invoke("--payload", "@event.json")).stdout, '{"got":{"from":"file"}}\n');
  const piped = await kiln(["invoke", "f", "--payload", "-"], { ...surroundings, input: '{"from":"stdin"}' });
  assert.equal(piped.stdout, '{"got":{"from":"stdin"}}\n');

  const tail = await invoke("--log-tail", "--out", "answer.json");
  assert.deepEqual(tail, { status: 0, stdout: "", stderr: "START\nthe log\nEND\n" });
  assert.equal(readFileSync(join(source, "answer.json"), "utf8"), '{"got":{}}');

  const failed = await invoke("--payload", '{"fail":true}');
  assert.equal(failed.status, 1);
  assert.match(failed.stdout, /"errorType":"TypeError"/);
  assert.match(failed.stderr, /^kiln: f failed: TypeError: it broke\n/);

  const described = JSON.parse((await invoke("--json", "--log-tail")).stdout);
  assert.deepEqual(described, {
    StatusCode: 200,
    ExecutedVersion: "$LATEST",
    Payload: { got: {} },
    Log: "START\nthe log\nEND\n",
  });
  const missing = await kiln(["invoke", "none"], surroundings);
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /Function not found: .*:none \(ResourceNotFoundException\)\n.*kiln list/);
  assert.equal((await invoke("--payload", "@missing.json")).status, 1);
});

test("list and rm", async (t) => {
  const fake = await startFakeKiln(t);
  const source = folder(t, { "index.mjs": "x" });
  const surroundings = { cwd: source, env: { KILN_STATE: fake.state } };
  assert.match((await kiln(["list"], surroundings)).stderr, /no functions yet.*kiln deploy/);
  for (const name of ["a", "b", "c"]) await kiln(["deploy", ".", "--name", name], surroundings);
  const rows = (await kiln(["list"], surroundings)).stdout.trim().split("\n");
  assert.match(rows[0] ?? "", /^NAME +RUNTIME +HANDLER/);
  assert.deepEqual(
    rows.slice(1).map((row) => row.split(" ")[0]),
    ["a", "b", "c"],
  );
  assert.equal(JSON.parse((await kiln(["list", "--json"], surroundings)).stdout).length, 3);

  const removed = await kiln(["rm", "a", "none", "b"], surroundings);
  assert.equal(removed.status, 1);
  assert.equal(removed.stdout, "Deleted a\nDeleted b\n");
  assert.match(removed.stderr, /There is no function none/);
  assert.deepEqual(JSON.parse((await kiln(["rm", "c", "--json"], surroundings)).stdout), {
    deleted: ["c"],
    missing: [],
  });
  assert.equal(fake.functions.size, 0);
});

test("logs: the last lines, since a time, as JSON, and following", async (t) => {
  const fake = await startFakeKiln(t);
  const env = { KILN_STATE: fake.state };
  const source = folder(t, { "index.mjs": "x" });
  await kiln(["deploy", source, "--name", "f"], { env });
  assert.match((await kiln(["logs", "f"], { env })).stderr, /f has not logged anything yet/);
  const missing = await kiln(["logs", "none"], { env });
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /There is no function none/);

  const write = (ago: number, message: string): void =>
    fake.logs
      .open({ account: "000000000000", region: "us-east-1", group: "/aws/lambda/f", stream: "s" })
      .write(Date.now() - ago, message);
  for (let index = 0; index < 10; index += 1) write(3_600_000, `old ${index}\n`);
  write(1000, "new");
  assert.equal((await kiln(["logs", "f"], { env })).stdout.split("\n").length, 12);
  assert.equal((await kiln(["logs", "f", "--lines", "2"], { env })).stdout, "old 9\nnew\n");
  assert.equal((await kiln(["logs", "f", "--since", "10m"], { env })).stdout, "new\n");
  const json = JSON.parse((await kiln(["logs", "f", "--since", "2h", "--lines", "1", "--json"], { env })).stdout);
  assert.deepEqual([json.length, json[0].message, json[0].stream], [1, "new", "s"]);

  const follow = running(t, ["logs", "f", "--follow", "--lines", "1"], { env });
  assert.ok(follow.stdout);
  const lines = createInterface({ input: follow.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => (await lines.next()).value;
  assert.equal(await next(), "new");
  write(0, "first");
  // Its timestamp is older than what has been shown; it arrived later.
  write(5000, "late");
  assert.equal(await next(), "first");
  assert.equal(await next(), "late");
  write(0, "second");
  assert.equal(await next(), "second");
});

test("env prints exports that a shell takes, and says when nothing runs", async (t) => {
  const fake = await startFakeKiln(t);
  const { status, stdout } = await kiln(["env", "--state", fake.state]);
  assert.equal(status, 0);
  const shell = execFileSync("sh", [
    "-c",
    `${stdout}\nprintf '%s|%s|%s' "$AWS_ENDPOINT_URL" "$AWS_SECRET_ACCESS_KEY" "$AWS_REGION"`,
  ]);
  assert.equal(shell.toString(), `${fake.url}|it's secret|us-east-1`);
  const json = JSON.parse((await kiln(["env", "--state", fake.state, "--json"])).stdout);
  assert.equal(json.AWS_ENDPOINT_URL, fake.url);

  const nothing = await kiln(["env", "--state", "/nonexistent"]);
  assert.equal(nothing.status, 1);
  assert.equal(nothing.stdout, "");
  assert.match(
    nothing.stderr,
    /No Kiln is running on the state directory \/nonexistent\.\n.*kiln serve --state \/nonexistent/,
  );
  writeFileSync(join(fake.state, "endpoint.json"), '{"url":"http://127.0.0.1:1"}');
  assert.match((await kiln(["env", "--state", fake.state])).stderr, /Nothing answers at http:\/\/127\.0\.0\.1:1/);
});

function list(parameters: readonly string[], env: Record<string, string>): Promise<Finished> {
  return kiln(["list", "--json", ...parameters], { env });
}

test("the endpoint: --endpoint, then AWS_ENDPOINT_URL, then the state directory; refused connections in plain words", async (t) => {
  const fake = await startFakeKiln(t);
  const dead = "http://127.0.0.1:1";
  assert.equal((await list(["--endpoint", fake.url], { AWS_ENDPOINT_URL: dead })).stdout, "[]\n");
  assert.equal((await list([], { AWS_ENDPOINT_URL: fake.url })).stdout, "[]\n");
  assert.equal((await list(["--state", fake.state], { AWS_ENDPOINT_URL: dead })).stdout, "[]\n");
  assert.equal((await list([], { KILN_STATE: fake.state })).stdout, "[]\n");
  const refused = await list([], { AWS_ENDPOINT_URL: dead });
  assert.equal(refused.status, 1);
  assert.match(
    refused.stderr,
    /^kiln: Kiln is not running at http:\/\/127\.0\.0\.1:1; start it with `kiln serve`\.\n$/,
  );
  assert.match(JSON.parse(refused.stdout).error.message, /not running/);
});

test("deploy refuses what cannot be in a zip, before it asks the server", async (t) => {
  const source = folder(t, { "a/index.mjs": "", "b/index.mjs": "", "c/index.mjs": "" });
  symlinkSync("/etc/passwd", join(source, "a/link"));
  execFileSync("mkfifo", [join(source, "b/pipe")]);
  execFileSync("truncate", ["-s", "251M", join(source, "c/large.bin")]);
  chmodSync(join(source, "c/large.bin"), 0o644);
  for (const [name, says] of [
    ["a", /is a link to \/etc\/passwd, which is outside of the folder/],
    ["b", /is neither a file nor a folder nor a link/],
    ["c", /The code is 251 MB unzipped; Lambda takes at most 250 MB\.\n.*large\.bin 251 MB/],
  ] as const) {
    const { status, stderr } = await kiln(["deploy", name, "--endpoint", "http://127.0.0.1:1"], { cwd: source });
    assert.equal(status, 1);
    assert.match(stderr, says);
  }
});
