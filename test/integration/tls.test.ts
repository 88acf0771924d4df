/** The real program over TLS, by the clients that people have: nobody of them is told to look away. */
import assert from "node:assert/strict";
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { CreateFunctionUrlConfigCommand } from "@aws-sdk/client-lambda";
import { sdkClients } from "../../tools/sdk-clients.ts";
import { testAuthority } from "../edge/certificates.ts";
import { awsCli } from "../support/aws-cli.ts";
import { domOf } from "../support/browser.ts";
import { deploy } from "../support/functions.ts";
import { kilnProgram, root, run, startTestKiln } from "../support/kiln.ts";

const page = `export const handler = async (event) => ({ statusCode: 200, headers: { "content-type": "text/html" },
  body: "<p>by " + event.headers["x-forwarded-proto"] + "</p><script>document.body.append(isSecureContext ? 'secure' : 'not secure')</script>" });`;

const javaScript = `import { LambdaClient, InvokeCommand } from "@aws-sdk/client-lambda";
const { StatusCode, Payload } = await new LambdaClient({ maxAttempts: 1 }).send(new InvokeCommand({ FunctionName: "page", Payload: '{"headers":{}}' }));
console.log(StatusCode, Buffer.from(Payload).toString());`;

const python = `import boto3
print([one["FunctionName"] for one in boto3.client("lambda").list_functions()["Functions"]])`;

async function folderOf(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kiln-tls-"));
  context.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

describe("the program over TLS", { timeout: 180_000 }, () => {
  it("with its local CA serves the AWS CLI, boto3, the JavaScript SDK, curl, Chromium and kiln itself", async (context) => {
    const kiln = await startTestKiln(context, { KILN_TLS: "local" });
    const client = kiln.client();
    const { url, caFile = "" } = kiln.endpoint();
    assert.match(url, /^https:/);
    await deploy(client, "page", page);
    const { FunctionUrl = "" } = await client.send(
      new CreateFunctionUrlConfigCommand({ FunctionName: "page", AuthType: "NONE" }),
    );
    assert.match(FunctionUrl, /^https:\/\/[a-z2-7]{32}\.lambda-url\.us-east-1\.localhost:\d+\/$/);
    const cli = await awsCli(kiln);
    assert.deepEqual([cli.environment["AWS_ENDPOINT_URL"], cli.environment["AWS_CA_BUNDLE"]], [url, caFile]);
    const environment = { ...cli.environment, AWS_EC2_METADATA_DISABLED: "true" };

    await context.test("AWS CLI", async () => {
      assert.equal(((await cli.answer("list-functions"))["Functions"] as unknown[]).length, 1);
      const untrusting = await run("/usr/bin/aws", ["lambda", "list-functions"], {
        ...environment,
        AWS_CA_BUNDLE: "/etc/ssl/certs/ca-certificates.crt",
      });
      assert.notEqual(untrusting.status, 0);
      assert.match(untrusting.stderr, /SSL validation failed|certificate verify failed/);
    });

    await context.test("boto3", async (t) => {
      const sdk = sdkClients.find(({ name }) => name === "boto3");
      const reason = sdk === undefined ? "there is no boto3 to try" : await sdk.absent();
      if (sdk === undefined || reason !== undefined) return t.skip(`boto3: ${reason}`);
      const [program = ""] = await sdk.prepare();
      const finished = await run(program, ["-c", python], environment);
      assert.deepEqual([finished.status, finished.stdout.trim()], [0, "['page']"], finished.stderr);
      return undefined;
    });

    await context.test("JavaScript SDK in a process of its own", async () => {
      const node = join(root, "bin/node");
      const call = (more: Record<string, string>) =>
        run(node, ["--input-type=module", "-e", javaScript], { ...environment, ...more });
      const finished = await call({});
      assert.match(finished.stdout, /^200 .*by undefined/, finished.stderr);
      const untrusting = await call({ NODE_EXTRA_CA_CERTS: "" });
      assert.match(untrusting.stderr, /unable to (get local issuer|verify the first) certificate|self-signed/);
    });

    await context.test("curl", async () => {
      const seen = await run("curl", ["-sS", "-i", "--cacert", caFile, FunctionUrl]);
      assert.match(seen.stdout, /<p>by https<\/p>/, seen.stderr);
      assert.match(seen.stdout, /^strict-transport-security: max-age=86400\r$/im);
      assert.equal((await run("curl", ["-sS", FunctionUrl])).status, 60);
      assert.equal((await run("curl", ["-sS", "--cacert", caFile, `${url}/_kiln/health`])).status, 0);
    });

    await context.test("Chromium, whose list has the CA", async () => {
      await access("/usr/bin/certutil");
      const home = await folderOf(context);
      const database = `sql:${join(home, ".pki/nssdb")}`;
      await run("mkdir", ["-p", join(home, ".pki/nssdb")]);
      for (const parameters of [
        ["-d", database, "-N", "--empty-password"],
        ["-d", database, "-A", "-t", "C,,", "-n", "kiln", "-i", caFile],
      ]) {
        const { status, stderr } = await run("/usr/bin/certutil", parameters);
        assert.equal(status, 0, stderr);
      }
      assert.match(await domOf(context, FunctionUrl, { HOME: home }), /<p>by https<\/p>.*secure/s);
      const stranger = await domOf(context, FunctionUrl, { HOME: await folderOf(context) });
      assert.doesNotMatch(stranger, /by https/);
    });

    await context.test("kiln", async () => {
      const invoked = await run(kilnProgram, ["invoke", "page", "--payload", '{"headers":{}}', "--state", kiln.state]);
      assert.match(invoked.stdout, /statusCode/, invoked.stderr);
      const shown = await run(kilnProgram, ["tls", "trust", "--state", kiln.state, "--json"]);
      assert.equal((JSON.parse(shown.stdout) as { file: string }).file, caFile);
      const stranger = await run(kilnProgram, ["list", "--endpoint", url], { AWS_CA_BUNDLE: "" });
      assert.equal(stranger.status, 1);
      assert.match(stranger.stderr, /not one to trust.*\n.*kiln tls trust/);
    });
  });

  it("takes a certificate that was swapped while a client calls, by itself and at SIGHUP, and no call fails", async (context) => {
    const folder = await folderOf(context);
    const authority = await testAuthority(folder);
    await authority.renew();
    const { certFile, keyFile } = authority.files;
    const kiln = await startTestKiln(context, { KILN_TLS_CERT: certFile, KILN_TLS_KEY: keyFile });
    const { url } = kiln.endpoint();
    const port = new URL(url).port;
    const serial = async (): Promise<string> => {
      const seen = await run("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, "-CAfile", authority.certFile]);
      const found = await run("openssl", ["x509", "-noout", "-serial"], {}, seen.stdout);
      return found.stdout.trim().replace("serial=", "");
    };
    const calling = new AbortController();
    let calls = 0;
    const caller = (async () => {
      while (!calling.signal.aborted) {
        // A client of its own each time: a new handshake.
        const { status, stderr } = await run("curl", [
          "-sS",
          "-f",
          "--cacert",
          authority.certFile,
          `${url}/_kiln/health`,
        ]);
        assert.equal(status, 0, stderr);
        calls += 1;
      }
    })();
    const next = await authority.renew();
    while ((await serial()) !== next) assert.equal(calling.signal.aborted, false);
    const last = await authority.renew();
    process.kill(kiln.endpoint().pid, "SIGHUP");
    while ((await serial()) !== last) assert.equal(calling.signal.aborted, false);
    calling.abort();
    await caller;
    assert.ok(calls > 0);
    // The kiln command trusts the certificate that the server was given, with what it was given for others.
    const listed = await run(kilnProgram, ["list", "--state", kiln.state]);
    assert.equal(listed.status, 0, listed.stderr);
    await writeFile(certFile, "broken");
    process.kill(kiln.endpoint().pid, "SIGHUP");
    while (!/no certificate in PEM form/.test(kiln.output())) assert.equal(await serial(), last);
    assert.equal(await serial(), last);
  });

  it("is asked for where the listener is not loopback, in a sentence", async (context) => {
    const state = await folderOf(context);
    const refused = await run(kilnProgram, ["serve", "--state", state, "--listen", "0.0.0.0:0"], {
      KILN_TLS: "",
    });
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /Without TLS, everyone on the way to 0\.0\.0\.0.*\n.*KILN_TLS=off/);
  });
});
