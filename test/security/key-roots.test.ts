/** Data keys under a passphrase, a KMS that others wrote, and a transit engine; and how keys move from one to another. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  createSealer,
  openKeyRing,
  openRoot,
  ringFile,
  rotateKeys,
  type RootSettings,
} from "../../src/security/keys/index.ts";
import { unwrapWith, wrapWith } from "../../src/security/keys/wrap.ts";
import { withoutMoto } from "../../tools/moto.ts";
import { kilnProgram, run, startTestKiln, keyFileOf } from "../support/kiln.ts";
import { startMoto } from "../support/moto.ts";

interface Place {
  dir: string;
  file: string;
  keyFile: string;
  /** What seals and opens under this root. */
  open: (settings: RootSettings) => Promise<ReturnType<typeof createSealer>>;
  rotate: (settings: RootSettings) => ReturnType<typeof rotateKeys>;
}

function place(context: TestContext): Place {
  const dir = mkdtempSync(join(tmpdir(), "kiln-roots-"));
  context.after(() => rmSync(dir, { recursive: true }));
  const [file, keyFile] = [ringFile(dir), join(dir, "root.key")];
  return {
    dir,
    file,
    keyFile,
    async open(settings) {
      const root = await openRoot(settings);
      const ring = await openKeyRing({ file, keyFile, root, report: (error) => assert.fail(String(error)) });
      ring.close();
      return createSealer(ring);
    },
    rotate: async (settings) => rotateKeys(file, keyFile, await openRoot(settings)),
  };
}

function write(file: string, text: string): string {
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

test("a passphrase wraps the keys, and another takes its place", { timeout: 120_000 }, async (context) => {
  const { dir, file, open, rotate } = place(context);
  const settings = { kind: "passphrase", file: write(join(dir, "passphrase"), "correct horse battery\n") } as const;
  const sealed = (await open(settings)).seal(Buffer.from("text"), "");
  assert.ok(!readFileSync(file, "utf8").includes("horse"));
  assert.equal((await open(settings)).open(sealed, "").toString(), "text");
  write(settings.file, "incorrect horse battery\n");
  await assert.rejects(open(settings), { code: "ROOT_REFUSED" });
  write(settings.file, "a quite new passphrase\ncorrect horse battery\n");
  await rotate(settings);
  write(settings.file, "a quite new passphrase\n");
  assert.equal((await open(settings)).open(sealed, "").toString(), "text");
  for (const [text, why] of [
    ["", /empty/],
    ["short\n", /less than 12/],
  ] as const) {
    write(settings.file, text);
    await assert.rejects(open(settings), { code: "PASSPHRASE_UNUSABLE", message: why });
  }
  chmodSync(settings.file, 0o644);
  await assert.rejects(open(settings), { code: "PASSPHRASE_UNUSABLE", message: /by others/ });
});

test("keys move from the key file to another root and back by a rotation", { timeout: 120_000 }, async (context) => {
  const { dir, keyFile, open, rotate } = place(context);
  const inFile = { kind: "file" } as const;
  const sealed = (await open(inFile)).seal(Buffer.from("text"), "");
  const settings = { kind: "passphrase", file: write(join(dir, "passphrase"), "correct horse battery\n") } as const;
  assert.equal((await open(settings)).open(sealed, "").toString(), "text", "the key file still opens them");
  await rotate(settings);
  const before = readFileSync(keyFile);
  rmSync(keyFile);
  assert.equal((await open(settings)).open(sealed, "").toString(), "text");
  await assert.rejects(open(inFile), { code: "KEY_FILE_MISSING" });
  writeFileSync(keyFile, before, { mode: 0o600 });
  await assert.rejects(open(inFile), { code: "KEYS_UNUSABLE", message: /another root/ });
});

const noMoto = await withoutMoto();
const needsMoto = { skip: noMoto ?? false, timeout: 120_000 };

test("a KMS that others wrote wraps the keys, and is asked at each start", needsMoto, async (context) => {
  const moto = await startMoto(context);
  const { endpoint } = moto;
  const credentials = { AWS_ACCESS_KEY_ID: "kiln", AWS_SECRET_ACCESS_KEY: "kiln", AWS_SESSION_TOKEN: "" };
  const client = new KMSClient({
    endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "kiln", secretAccessKey: "kiln" },
  });
  context.after(() => client.destroy());
  const { KeyMetadata: { Arn = "" } = {} } = await client.send(new CreateKeyCommand({}));
  const environment: Record<string, string> = { ...credentials, KILN_KEY_KMS: Arn, KILN_KEY_KMS_ENDPOINT: endpoint };
  const kiln = await startTestKiln(context, environment);
  assert.match(readFileSync(ringFile(kiln.state), "utf8"), /"root": "kms:arn:aws:kms:eu-west-1:/);
  assert.throws(() => readFileSync(keyFileOf(kiln.state)), { code: "ENOENT" });
  const rotated = await run(kilnProgram, ["keys", "rotate", "--state", kiln.state], environment);
  assert.equal(rotated.status, 0, rotated.stderr);
  assert.match(rotated.stdout, /^The KMS key arn:aws:kms:.* wraps 2 data keys now/);
  await kiln.kill();
  await kiln.start();
  await kiln.stop();
  await moto.stop();
  const refused = await run(kilnProgram, ["serve", "--state", kiln.state, "--listen", "127.0.0.1:0"], environment);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /KMS does not let the key .* be used/);
});

function answer(response: ServerResponse, status: number, content: unknown): void {
  response.writeHead(status).end(JSON.stringify(content));
}

/** Answers as the transit engine does: https://developer.hashicorp.com/vault/api-docs/secret/transit */
async function startTransit(context: TestContext, token: string): Promise<string> {
  const key = Buffer.alloc(32, 7);
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString()));
    request.on("end", () => {
      if (request.headers["x-vault-token"] !== token) return answer(response, 403, { errors: ["permission denied"] });
      const { plaintext = "", ciphertext = "" } = JSON.parse(text) as Record<string, string>;
      if (request.url === "/v1/transit/encrypt/kiln") {
        const wrapped = wrapWith(key, Buffer.from(plaintext, "base64"), Buffer.alloc(0)).toString("base64");
        return answer(response, 200, { data: { ciphertext: `vault:v1:${wrapped}`, key_version: 1 } });
      }
      const bytes = Buffer.from(ciphertext.slice("vault:v1:".length), "base64");
      const opened = unwrapWith(key, bytes, Buffer.alloc(0));
      if (opened === undefined) return answer(response, 400, { errors: ["cipher: message authentication failed"] });
      return answer(response, 200, { data: { plaintext: opened.toString("base64") } });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/transit/keys/kiln`;
}

test("a transit engine wraps the keys, each for its own ring", async (context) => {
  const { dir, file, open, rotate } = place(context);
  const tokenFile = write(join(dir, "token"), "s.token\n");
  const settings = { kind: "vault", keyUrl: await startTransit(context, "s.token"), tokenFile } as const;
  const sealed = (await open(settings)).seal(Buffer.from("text"), "");
  await rotate(settings);
  assert.equal((await open(settings)).open(sealed, "").toString(), "text");
  write(tokenFile, "s.other");
  await assert.rejects(open(settings), { code: "ROOT_UNAVAILABLE", message: /403 .*permission denied/ });
  write(tokenFile, "s.token");
  const document = JSON.parse(readFileSync(file, "utf8")) as { keys: { wrapped: string }[] };
  const [one, two] = document.keys;
  if (one === undefined || two === undefined) throw new Error("there are two keys");
  [one.wrapped, two.wrapped] = [two.wrapped, one.wrapped];
  writeFileSync(file, JSON.stringify(document));
  await assert.rejects(open(settings), { code: "ROOT_REFUSED" });
});
