/** The listener with TLS: which handshakes it takes, and what happens to its clients when its certificate changes. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { connect as connectPlain } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { createEdge } from "../../src/edge/index.ts";
import { certificateFiles } from "../../src/security/tls/files.ts";
import { openCertificates, type CertificateSource } from "../../src/security/tls/index.ts";
import { testAuthority } from "./certificates.ts";

async function folderOf(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kiln-tls-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function listen(context: TestContext, source: CertificateSource): Promise<number> {
  const edge = createEdge({
    host: "127.0.0.1",
    port: 0,
    tls: { ...source, hstsSeconds: 60 },
    handle: (_request, response) => response.end("api"),
    byHost: ({ headers }) =>
      headers.host?.startsWith("page.") === true ? (_request, response) => response.end("page") : undefined,
    health: () => ({ status: "ok" }),
    onFault: (error) => assert.fail(String(error)),
  });
  const { port, url } = await edge.start();
  assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/);
  context.after(async () => {
    source.close();
    await edge.stop(0);
  });
  return port;
}

async function handshake(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ port, host: "127.0.0.1", ...options });
  await once(socket, "secureConnect");
  return socket;
}

interface Answered {
  readonly serial: string;
  readonly hsts: string | undefined;
  readonly body: string;
}

/** Over a connection of its own. */
function ask(port: number, ca: string, path = "/", host = "localhost"): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = get({ port, host: "127.0.0.1", path, ca, agent: false, headers: { host }, servername: "localhost" });
    asked.on("error", reject);
    asked.on("response", (answer) => {
      const serial = (answer.socket as TLSSocket).getPeerCertificate().serialNumber;
      let body = "";
      answer.on("data", (chunk: Buffer) => (body += chunk.toString()));
      answer.on("end", () => resolve({ serial, hsts: answer.headers["strict-transport-security"], body }));
    });
  });
}

test("TLS 1.2 and 1.3 with modern ciphers, HTTP/1.1 by ALPN, and nothing else", async (context) => {
  const authority = await testAuthority(await folderOf(context));
  await authority.renew();
  const source = await certificateFiles({ ...authority.files, report: (error) => assert.fail(String(error)) });
  const port = await listen(context, source);
  const ca = await readFile(authority.certFile, "utf8");
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    const socket = await handshake(port, {
      ca,
      minVersion: version,
      maxVersion: version,
      ALPNProtocols: ["h2", "http/1.1"],
    });
    assert.deepEqual([socket.getProtocol(), socket.alpnProtocol], [version, "http/1.1"]);
    socket.destroy();
  }
  for (const refused of [
    { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" },
    { maxVersion: "TLSv1.2", ciphers: "AES128-SHA" },
    { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA" },
    { ALPNProtocols: ["h2"] },
  ] as ConnectionOptions[]) {
    await assert.rejects(handshake(port, { ca, ...refused }), JSON.stringify(refused));
  }
  // Whoever speaks no TLS gets nothing, and costs nothing.
  for (const text of [
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00",
    "\x00".repeat(100),
    "SSH-2.0-x\r\n",
  ]) {
    const socket = connectPlain(port, "127.0.0.1");
    let got = "";
    socket.on("data", (chunk: Buffer) => (got += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.end(text);
    await once(socket, "close");
    assert.doesNotMatch(got, /HTTP/, JSON.stringify(text));
  }
  assert.equal((await ask(port, ca, "/_kiln/health")).body, '{"status":"ok"}');
});

test("browsers are told to stay with TLS where they open pages, and never for localhost itself", async (context) => {
  const authority = await testAuthority(await folderOf(context));
  await authority.renew();
  const port = await listen(context, await certificateFiles({ ...authority.files, report: () => undefined }));
  const ca = await readFile(authority.certFile, "utf8");
  assert.deepEqual(
    (
      await Promise.all([
        ask(port, ca, "/", "page.example.com"),
        ask(port, ca, "/_kiln/health", "kiln.example.com"),
        ask(port, ca, "/_kiln/health", "localhost:1234"),
        ask(port, ca, "/", "kiln.example.com"),
      ])
    ).map(({ hsts }) => hsts),
    ["max-age=60", "max-age=60", undefined, undefined],
  );
});

test("while clients call without a pause, files with another certificate take effect and no call fails", async (context) => {
  const authority = await testAuthority(await folderOf(context));
  const reports: unknown[] = [];
  const first = await authority.renew();
  const source = await certificateFiles({ ...authority.files, everyMs: 20, report: (error) => reports.push(error) });
  const port = await listen(context, source);
  const ca = await readFile(authority.certFile, "utf8");
  const keptOpen = await handshake(port, { ca });
  const seen = new Set<string>();
  const calling = new AbortController();
  const callers = Array.from({ length: 3 }, async () => {
    while (!calling.signal.aborted) seen.add((await ask(port, ca)).serial);
  });
  const wanted = [first];
  for (let swap = 0; swap < 3; swap += 1) {
    const next = await authority.renew();
    wanted.push(next);
    while (!seen.has(next)) await sleep(10);
  }
  // Half a change is no change: the certificate of another key is reported, and the old pair stays.
  const other = await testAuthority(await folderOf(context));
  await other.renew();
  await writeFile(authority.files.certFile, await readFile(other.files.certFile));
  while (reports.length === 0) await sleep(10);
  assert.match(String(reports[0]), /does not belong to the key/);
  calling.abort();
  await Promise.all(callers);
  assert.equal((await ask(port, ca)).serial, wanted.at(-1));
  assert.deepEqual([...seen], wanted);
  // A connection that was there before the changes has never been cut.
  keptOpen.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  assert.match(String((await once(keptOpen, "data"))[0]), /^HTTP\/1\.1 200 OK/);
});

test("a look is enough to take another certificate at once", async (context) => {
  const authority = await testAuthority(await folderOf(context));
  await authority.renew();
  const source = await certificateFiles({ ...authority.files, everyMs: 3_600_000, report: () => undefined });
  const port = await listen(context, source);
  const next = await authority.renew();
  await source.look();
  assert.equal((await ask(port, await readFile(authority.certFile, "utf8"))).serial, next);
});

const refused = async (cert: string, key: string, message: RegExp) =>
  assert.rejects(certificateFiles({ certFile: cert, keyFile: key, report: () => undefined }), {
    code: "TLS_CERTIFICATE_UNUSABLE",
    message,
  });

test("certificates that cannot serve are refused at the start, in plain words", async (context) => {
  const folder = await folderOf(context);
  const authority = await testAuthority(folder);
  await authority.renew();
  const { certFile, keyFile } = authority.files;
  await refused(authority.certFile, keyFile, /does not belong to the key/);
  await refused(keyFile, keyFile, /no certificate in PEM form/);
  await refused(certFile, certFile, /a key that cannot be read/);
  await refused(join(folder, "none.pem"), keyFile, /cannot be read/);
});

const DAY = 24 * 60 * 60 * 1000;

test("the local CA is made once, its certificates are renewed by themselves, and a kill in between costs nothing", async (context) => {
  const stateDir = await folderOf(context);
  let now = Date.now();
  const open = () =>
    openCertificates({
      tls: { kind: "local", names: ["kiln.example.com", "10.1.2.3"] },
      stateDir,
      region: "eu-central-1",
      host: "0.0.0.0",
      clock: () => now,
      report: (error) => assert.fail(String(error)),
    }) as Promise<CertificateSource>;
  // What a kill leaves behind: a key whose CA was never made, and a half-made certificate.
  const killed = await open();
  killed.close();
  await rm(join(stateDir, "tls", "ca.pem"));
  await writeFile(join(stateDir, "tls", ".making-left"), "half");
  const source = await open();
  assert.deepEqual((await readdir(join(stateDir, "tls"))).toSorted(), ["ca.key", "ca.pem"]);
  assert.equal((await stat(join(stateDir, "tls", "ca.key"))).mode & 0o777, 0o600);
  const port = await listen(context, source);
  const ca = await readFile(source.caFile ?? "", "utf8");
  for (const servername of ["localhost", "x.lambda-url.eu-central-1.localhost", "kiln.example.com"]) {
    (await handshake(port, { ca, servername })).destroy();
  }
  await assert.rejects(handshake(port, { ca, servername: "example.com" }), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  const { serial } = await ask(port, ca);
  now += DAY;
  await source.look();
  assert.equal((await ask(port, ca)).serial, serial);
  now += 1.5 * DAY;
  await source.look();
  assert.notEqual((await ask(port, ca)).serial, serial);
  const again = await open();
  again.close();
  assert.equal(await readFile(again.caFile ?? "", "utf8"), ca);
  // People trust it, so it is not replaced without a word.
  await writeFile(join(stateDir, "tls", "ca.key"), "lost");
  await assert.rejects(open(), { code: "LOCAL_CA_UNUSABLE" });
});
