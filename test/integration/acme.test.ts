/** Certificates by ACME: the real program, and Pebble, which validates as Let's Encrypt does. */
import assert from "node:assert/strict";
import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect, getCACertificates, setDefaultCACertificates } from "node:tls";
import { acmeCertificates } from "../../src/security/tls/acme/certificates.ts";
import { kilnProgram, run, startTestKiln } from "../support/kiln.ts";
import { startPebble, withoutPebble } from "../support/pebble.ts";

const without = await withoutPebble();
const options = { skip: without ?? false, timeout: 180_000 };
const name = "kiln.example.com";

test(
  "Kiln starts with a certificate that it has got, keeps it over a restart, and gets another for other names",
  options,
  async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "kiln-acme-"));
    context.after(() => rm(folder, { recursive: true }));
    // It refuses every tenth nonce or so by itself; here every fourth.
    const acme = await startPebble(context, folder, { PEBBLE_WFE_NONCEREJECT: "25" });
    const trusted = join(folder, "trusted.pem");
    await writeFile(trusted, (await readFile(acme.caFile, "utf8")) + (await acme.root()));
    const environment: Record<string, string> = {
      KILN_AUTH: "on",
      KILN_TLS: "acme",
      KILN_TLS_NAMES: `localhost,${name}`,
      KILN_ACME_DIRECTORY: acme.directoryUrl,
      KILN_ACME_EMAIL: "ops@example.com",
      KILN_ACME_LISTEN: `127.0.0.1:${acme.httpPort}`,
      NODE_EXTRA_CA_CERTS: trusted,
    };
    const kiln = await startTestKiln(context, environment);
    const { port } = new URL(kiln.endpoint().url);
    const ca = await readFile(trusted);
    const certificate = (servername: string, at = port) =>
      new Promise<X509Certificate>((resolve, reject) => {
        const socket = connect({ host: "127.0.0.1", port: Number(at), servername, ca }, () => {
          resolve(socket.getPeerX509Certificate() as X509Certificate);
          socket.end();
        });
        socket.on("error", reject);
      });
    const first = await certificate(name);
    assert.equal(first.subjectAltName?.split(", ").toSorted().join(), `DNS:${name},DNS:localhost`);
    assert.match(kiln.endpoint().url, /^https:\/\/localhost:/);
    const listed = await run(kilnProgram, ["list", "--state", kiln.state], environment);
    assert.equal(listed.status, 0, listed.stderr);
    // Nobody answers at the port of the challenges once they are over.
    await assert.rejects(fetch(`http://127.0.0.1:${acme.httpPort}/.well-known/acme-challenge/x`));

    await kiln.kill();
    await kiln.start();
    const { port: second } = new URL(kiln.endpoint().url);
    assert.equal((await certificate(name, second)).serialNumber, first.serialNumber);

    await kiln.stop();
    environment["KILN_TLS_NAMES"] = "localhost,other.example.com";
    await kiln.start();
    const { port: third } = new URL(kiln.endpoint().url);
    assert.notEqual((await certificate("other.example.com", third)).serialNumber, first.serialNumber);
  },
);

test(
  "a certificate is renewed when two thirds of its time are over; failures leave the one that is there",
  options,
  async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "kiln-acme-"));
    context.after(() => rm(folder, { recursive: true }));
    const acme = await startPebble(context, folder);
    const before = getCACertificates("default");
    setDefaultCACertificates([...before, await readFile(acme.caFile, "utf8")]);
    context.after(() => setDefaultCACertificates(before));
    const stateDir = join(folder, "state");
    const time = { now: Date.now() };
    const reports: unknown[] = [];
    const open = (port = acme.httpPort) =>
      acmeCertificates({
        stateDir,
        names: [name],
        directoryUrl: acme.directoryUrl,
        email: "",
        bindingFile: "",
        challenges: { host: "127.0.0.1", port },
        clock: () => time.now,
        report: (error) => void reports.push(error),
      });

    // Somebody else answers at the port: in one case nobody can listen, in the other the server finds nothing.
    const other = createServer((_request, response) => response.end("not it"));
    other.listen(acme.httpPort, "127.0.0.1");
    await once(other, "listening");
    await assert.rejects(open(), { code: "ACME_PORT_IN_USE" });
    await assert.rejects(open(0), { code: "ACME_FAILED", message: /unauthorized|did not match|not it/ });
    await new Promise((resolve) => other.close(resolve));

    const source = await open();
    const seen: string[] = [];
    source.listen(({ cert }) => seen.push(new X509Certificate(cert).serialNumber));
    const first = source.current();
    await source.look();
    assert.equal(source.current(), first, "it has time");
    const { validToDate: end, validFromDate: begin } = new X509Certificate(first.cert);
    time.now = begin.getTime() + (end.getTime() - begin.getTime()) * 0.7;
    await source.look();
    assert.notEqual(source.current().cert, first.cert);
    assert.deepEqual(seen, [new X509Certificate(source.current().cert).serialNumber]);
    assert.ok(new X509Certificate(source.current().cert).checkPrivateKey(createPrivateKey(source.current().key)));

    const blocked = createServer();
    blocked.listen(acme.httpPort, "127.0.0.1");
    await once(blocked, "listening");
    const second = source.current();
    time.now += 10 * (end.getTime() - begin.getTime());
    await source.look();
    assert.equal(source.current(), second);
    assert.match(String(reports), /cannot be answered/);
    blocked.close();
    source.close();

    const files = await readdir(join(stateDir, "tls", "acme"), { recursive: true });
    assert.equal(files.filter((file) => /account\.key$|certificate\.pem$/.test(file)).length, 2);
    for (const file of files.filter((each) => each.includes("."))) {
      assert.equal((await stat(join(stateDir, "tls", "acme", file))).mode & 0o777, 0o600, file);
    }
  },
);

test(
  "an account is bound where the server asks for it, once, by a file that its owner alone reads",
  options,
  async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "kiln-acme-"));
    context.after(() => rm(folder, { recursive: true }));
    const macKey = randomBytes(32).toString("base64url");
    const acme = await startPebble(context, folder, {}, { "kid-1": macKey });
    const before = getCACertificates("default");
    setDefaultCACertificates([...before, await readFile(acme.caFile, "utf8")]);
    context.after(() => setDefaultCACertificates(before));
    const bindingFile = join(folder, "binding");
    const open = async (file: string, names = [name]) => {
      const source = await acmeCertificates({
        stateDir: join(folder, "state"),
        names,
        directoryUrl: acme.directoryUrl,
        email: "",
        bindingFile: file,
        challenges: { host: "127.0.0.1", port: acme.httpPort },
        clock: Date.now,
        report: (error) => assert.fail(String(error)),
      });
      source.close();
      return source.current().cert;
    };
    await assert.rejects(open(""), { code: "ACME_FAILED", message: /KILN_ACME_EAB_FILE is not set/ });
    const unusable = { code: "ACME_BINDING_UNUSABLE" };
    await assert.rejects(open(bindingFile), unusable, "not there");
    for (const text of ["", "kid-1", `kid-1\n`, `\n${macKey}`, "kid-1\nAAAA", `kid-1\n${macKey}!`]) {
      await writeFile(bindingFile, text, { mode: 0o600 });
      await assert.rejects(open(bindingFile), unusable, text);
    }
    const right = `kid-1\n${macKey}\n`;
    await writeFile(bindingFile, right);
    await chmod(bindingFile, 0o644);
    await assert.rejects(open(bindingFile), { ...unusable, message: /by others/ });
    await chmod(bindingFile, 0o600);
    for (const wrong of [`kid-2\n${macKey}`, `kid-1\n${randomBytes(32).toString("base64url")}`]) {
      await writeFile(bindingFile, wrong);
      await assert.rejects(open(bindingFile), { code: "ACME_FAILED", message: /urn:ietf:params:acme:error/ });
    }
    await writeFile(bindingFile, right);
    const first = await open(bindingFile);
    assert.ok(new X509Certificate(first).checkHost(name));

    // The account is there by now: nobody asks for the file any more.
    await rm(bindingFile);
    assert.notEqual(await open(bindingFile, [name, "other.example.com"]), first);
  },
);
