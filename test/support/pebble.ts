/** Pebble, Let's Encrypt's ACME server for tests, for one test: every name is this machine. */
import { execFile, spawn } from "node:child_process";
import { access, readFile, writeFile } from "node:fs/promises";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { get } from "node:https";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestContext } from "node:test";
import { freePort } from "./free-port.ts";
import { makeCertificate } from "../../src/security/tls/openssl.ts";

const program = "/usr/bin/pebble";
const names = "/usr/bin/pebble-challtestsrv";

/** Why this machine has none; undefined when it has. */
export async function withoutPebble(): Promise<string | undefined> {
  try {
    await Promise.all([access(program), access(names)]);
    return undefined;
  } catch {
    return "the package pebble is not installed";
  }
}

export interface TestAcme {
  directoryUrl: string;
  /** Of the server itself. */
  caFile: string;
  /** The issuer of its certificates, PEM. */
  root(): Promise<string>;
  /** Where it looks for challenges. */
  httpPort: number;
}

/** `variables`: PEBBLE_…, of how it behaves. `bindings`: MAC keys by their ids; given, every account needs one. */
export async function startPebble(
  context: TestContext,
  folder: string,
  variables: Record<string, string> = {},
  bindings?: Record<string, string>,
): Promise<TestAcme> {
  const [port, management, httpPort, tlsPort, dns, challenges] = await Promise.all(Array.from({ length: 6 }, freePort));
  const [caFile, keyFile] = [join(folder, "pebble.pem"), join(folder, "pebble.key")];
  const genpkey = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", keyFile];
  await promisify(execFile)("openssl", genpkey);
  const extensions = ["subjectAltName=DNS:localhost,IP:127.0.0.1"];
  await writeFile(caFile, await makeCertificate({ keyFile, commonName: "pebble", days: 2, extensions }));
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: caFile,
    privateKey: keyFile,
    httpPort,
    tlsPort,
    ocspResponderURL: "",
    externalAccountBindingRequired: bindings !== undefined,
    ...(bindings && { externalAccountMACKeys: bindings }),
  };
  await writeFile(join(folder, "pebble.json"), JSON.stringify({ pebble }));
  const off = ["-http01", "", "-https01", "", "-tlsalpn01", ""];
  const quiet = ["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-dns01", `127.0.0.1:${dns}`];
  const resolver = run(context, names, [...off, ...quiet, "-management", `127.0.0.1:${challenges}`]);
  const server = run(context, program, ["-config", join(folder, "pebble.json"), "-dnsserver", `127.0.0.1:${dns}`], {
    PEBBLE_VA_NOSLEEP: "1",
    ...variables,
  });
  const ca = await readFile(caFile);
  const directoryUrl = `https://127.0.0.1:${port}/dir`;
  await Promise.race([answered(context, directoryUrl, ca), server]);
  await Promise.race([resolves(context, dns ?? 0), resolver]);
  return {
    directoryUrl,
    caFile,
    httpPort: httpPort ?? 0,
    root: () => text(`https://127.0.0.1:${management}/roots/0`, ca),
  };
}

/** Rejects when the program ends before the test does. */
function run(
  context: TestContext,
  file: string,
  parameters: string[],
  variables: Record<string, string> = {},
): Promise<never> {
  const child = spawn(file, parameters, { stdio: "ignore", env: { ...process.env, ...variables } });
  const ended = once(child, "exit");
  context.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
  });
  const early = ended.then(() => {
    throw new Error(`${file} has ended`);
  });
  early.catch(() => undefined);
  return early;
}

async function answered(context: TestContext, url: string, ca: Buffer): Promise<void> {
  while (!context.signal.aborted) {
    const there = await text(url, ca).then(
      () => true,
      () => false,
    );
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Asks for an address until somebody answers. */
async function resolves(context: TestContext, port: number): Promise<void> {
  const socket = createSocket("udp4");
  socket.on("error", () => undefined);
  const answer = once(socket, "message");
  const question = Buffer.from("00010100000100000000000001610000010001", "hex");
  const timer = setInterval(() => socket.send(question, port, "127.0.0.1"), 50);
  context.after(() => clearInterval(timer));
  await answer;
  clearInterval(timer);
  socket.close();
}

function text(url: string, ca: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { ca, agent: false }, (response) => {
      let whole = "";
      response.on("data", (part: Buffer) => (whole += part.toString()));
      response.on("end", () => resolve(whole));
    });
    asked.on("error", reject);
  });
}
