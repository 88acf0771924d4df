/** Debian's docker-registry, as tests want it: on a port of its own, without or with authentication. */
import { spawn, spawnSync } from "node:child_process";
import { createHash, createPrivateKey, generateKeyPairSync, randomUUID, sign, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { makeCertificate } from "../../src/security/tls/openssl.ts";

const PROGRAM = "docker-registry";

/** Why there is none here, or false. */
export const withoutRegistry: string | false =
  spawnSync(PROGRAM, ["--version"]).status === 0
    ? false
    : "the package docker-registry is not installed: npm run setup";

export interface TestRegistry {
  /** `127.0.0.1:PORT` */
  host: string;
  url: string;
  stop(): Promise<void>;
}

type Auth = object;

/** `kiln` with the password `swordfish`, as htpasswd writes it with bcrypt. */
const HTPASSWD = "kiln:$2y$05$abcdefghijklmnopqrstuupWDwJQeCHYIBQy8WvkVB6ImhZ476YYy\n";
export const user = { name: "kiln", password: "swordfish" };

/** What is pushed goes to `storage`, and is there in another registry of the same directory. */
export async function startRegistry(
  context: TestContext,
  storage: string,
  auth?: (dir: string) => Promise<Auth>,
): Promise<TestRegistry> {
  const dir = mkdtempSync(join(tmpdir(), "kiln-registry-"));
  const config = {
    version: 0.1,
    log: { level: "info" },
    storage: { filesystem: { rootdirectory: storage }, cache: {} },
    http: { addr: "127.0.0.1:0", secret: "test" },
    ...(auth === undefined ? {} : { auth: await auth(dir) }),
  };
  // JSON is YAML.
  writeFileSync(join(dir, "config.yml"), JSON.stringify(config));
  const child = spawn(PROGRAM, ["serve", join(dir, "config.yml")], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  context.after(async () => {
    await stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const host = await new Promise<string>((resolve, reject) => {
    let text = "";
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
      const found = /listening on (127\.0\.0\.1:\d+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", () => reject(new Error(`${PROGRAM} has ended:\n${text}`)));
  });
  return { host, url: `http://${host}`, stop };
}

export async function basicAuth(dir: string): Promise<Auth> {
  writeFileSync(join(dir, "htpasswd"), HTPASSWD);
  return { htpasswd: { realm: "test", path: join(dir, "htpasswd") } };
}

/** Hands out tokens to whom `allows`, signed as the registry wants them. */
export interface TokenServer {
  url: string;
  /** What was asked for, in order: the scope, and who asked. */
  asked: { scope: string; authorization: string | undefined }[];
  auth(dir: string): Promise<Auth>;
}

export async function startTokenServer(
  context: TestContext,
  allows: (authorization: string | undefined) => boolean,
): Promise<TokenServer> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ type: "pkcs8", format: "pem" });
  let certificate = "";
  const asked: TokenServer["asked"] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    const scope = url.searchParams.get("scope") ?? "";
    const { authorization } = request.headers;
    asked.push({ scope, authorization });
    response.statusCode = allows(authorization) ? 200 : 401;
    response.end(response.statusCode === 200 ? JSON.stringify({ token: tokenFor(scope, certificate, key) }) : "{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  return {
    url,
    asked,
    async auth(dir) {
      const keyFile = join(dir, "token.key");
      writeFileSync(keyFile, key, { mode: 0o600 });
      certificate = await makeCertificate({
        keyFile,
        commonName: "tokens",
        days: 2,
        extensions: ["basicConstraints=critical,CA:TRUE"],
      });
      writeFileSync(join(dir, "token.pem"), certificate);
      return { token: { realm: url, service: "registry", issuer: "test", rootcertbundle: join(dir, "token.pem") } };
    },
  };
}

function tokenFor(scope: string, certificate: string, key: string | Buffer): string {
  const [, name = "", actions = ""] = /^repository:(.*):([^:]*)$/.exec(scope) ?? [];
  const now = Math.floor(Date.now() / 1000);
  const header = { typ: "JWT", alg: "ES256", x5c: [new X509Certificate(certificate).raw.toString("base64")] };
  const claims = {
    iss: "test",
    sub: "kiln",
    aud: "registry",
    exp: now + 300,
    nbf: now - 60,
    iat: now,
    jti: randomUUID(),
    access: [{ type: "repository", name, actions: actions.split(",") }],
  };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const signature = sign("sha256", Buffer.from(text), { key: createPrivateKey(key), dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}

/** Pushes an image of a layout to a registry that lets everybody. */
export async function push(registry: TestRegistry, repository: string, layout: string, tag = "latest"): Promise<void> {
  const { manifests } = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as {
    manifests: { digest: string; mediaType: string; annotations: Record<string, string> }[];
  };
  const found = manifests.find(({ annotations }) => annotations["org.opencontainers.image.ref.name"] === tag);
  if (found === undefined) throw new Error(`${layout} has no ${tag}`);
  const read = (digest: string) => readFileSync(join(layout, "blobs/sha256", digest.slice(7)));
  const manifest = read(found.digest);
  const { config, layers } = JSON.parse(manifest.toString()) as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  for (const { digest } of [config, ...layers]) await pushBlob(registry, repository, digest, read(digest));
  await putManifest(registry, repository, tag, manifest, found.mediaType);
}

async function pushBlob(registry: TestRegistry, repository: string, digest: string, content: Buffer): Promise<void> {
  const started = await fetch(`${registry.url}/v2/${repository}/blobs/uploads/`, { method: "POST" });
  const place = new URL(started.headers.get("location") ?? "", registry.url);
  place.searchParams.set("digest", digest);
  const done = await fetch(place, {
    method: "PUT",
    body: new Uint8Array(content),
    headers: { "content-type": "application/octet-stream" },
  });
  if (done.status !== 201) throw new Error(`${digest} could not be pushed: ${done.status} ${await done.text()}`);
}

export async function putManifest(
  registry: TestRegistry,
  repository: string,
  reference: string,
  manifest: Buffer,
  mediaType: string,
): Promise<string> {
  const done = await fetch(`${registry.url}/v2/${repository}/manifests/${reference}`, {
    method: "PUT",
    body: new Uint8Array(manifest),
    headers: { "content-type": mediaType },
  });
  if (done.status !== 201) throw new Error(`the manifest could not be pushed: ${done.status} ${await done.text()}`);
  return `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
}
