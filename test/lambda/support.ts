/** The functions domain on a real store, with code that is prepared when the test says so. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { CreateFunctionRequest } from "@aws-sdk/client-lambda";
import type { Artifacts, RuntimeEntry, RuntimeImage, Runtimes } from "../../src/artifacts/contract.ts";
import { policyProblem } from "../../src/security/policy/index.ts";
import type { Scope } from "../../src/base/scope.ts";
import type { Functions } from "../../src/functions/contract.ts";
import { createFunctions, type FunctionsOptions } from "../../src/functions/index.ts";
import type { Store } from "../../src/store/contract.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";

export const scope: Scope = { account: "123456789012", region: "us-east-1" };
export const role = "arn:aws:iam::123456789012:role/test";

export function arn(name: string): string {
  return `arn:aws:lambda:us-east-1:123456789012:function:${name}`;
}

export function layerArn(name: string, version?: number): string {
  const layer = `arn:aws:lambda:us-east-1:123456789012:layer:${name}`;
  return version === undefined ? layer : `${layer}:${version}`;
}

/** Code in memory. Any bytes are a zip; `prepare` waits while it is held, and fails for blobs that are broken. */
export interface TestArtifacts extends Artifacts {
  readonly stored: Map<string, Uint8Array>;
  hold(): void;
  release(): void;
  /** What the next preparations end with; of this code only, where it is given. */
  failWith(error: Error | undefined, code?: string): void;
  prepared: number;
}

export function testArtifacts(): TestArtifacts {
  const stored = new Map<string, Uint8Array>();
  let held: Promise<void> | undefined;
  let letGo: (() => void) | undefined;
  let failure: Error | undefined;
  let failing: string | undefined;
  return {
    stored,
    prepared: 0,
    hold() {
      held ??= new Promise((resolve) => (letGo = resolve));
    },
    release() {
      held = undefined;
      letGo?.();
    },
    failWith(error, code) {
      failure = error;
      failing = code;
    },
    async put(zip) {
      const hash = createHash("sha256").update(zip);
      const blob = hash.copy().digest("hex");
      stored.set(blob, zip);
      return { blob, codeSha256: hash.digest("base64"), size: zip.byteLength, unzippedSize: zip.byteLength };
    },
    async prepare(blob) {
      await held;
      const zip = stored.get(blob);
      if (!zip) throw new Error(`no blob ${blob}`);
      if (failure && (failing === undefined || failing === Buffer.from(zip).toString())) throw failure;
      this.prepared += 1;
      return `/images/${blob}`;
    },
    async prepareMerged(blobs) {
      return (await Promise.all(blobs.map((blob) => this.prepare(blob)))).join("+");
    },
    async read(blob) {
      return stored.get(blob);
    },
    async collect(inUse) {
      const unused = [...stored.keys()].filter((blob) => !inUse.blobs.has(blob));
      for (const blob of unused) stored.delete(blob);
      return unused.length;
    },
  };
}

const entries: RuntimeEntry[] = [
  { id: "nodejs24.x", family: "nodejs", build: { kind: "node", version: "24.0.0" } },
  { id: "nodejs22.x", family: "nodejs", build: { kind: "node", version: "22.0.0" } },
  { id: "nodejs20.x", family: "nodejs", build: { kind: "node", version: "20.0.0" }, blockUpdate: "2099-01-01" },
  { id: "nodejs16.x", family: "nodejs", blockCreate: "2020-01-01", blockUpdate: "2099-01-01" },
  { id: "nodejs14.x", family: "nodejs", blockCreate: "2020-01-01", blockUpdate: "2020-02-01" },
  { id: "python3.13", family: "python", unavailable: "this host has no image of it. Use nodejs24.x." },
];
const built = new Set(["nodejs24.x", "nodejs22.x", "nodejs16.x"]);

export const testRuntimes: Runtimes = {
  catalogue: () => entries,
  entry: (id) => entries.find((entry) => entry.id === id),
  image(id): RuntimeImage | undefined {
    if (!built.has(id)) return undefined;
    return {
      id,
      image: `/runtimes/${id}`,
      env: {},
      argv: ["node"],
      versionArn: `arn:kiln:runtime:${id}`,
      preboot: true,
    };
  },
};

export interface TestDomain {
  functions: Functions;
  artifacts: TestArtifacts;
  store: Store;
  dir: string;
  /** `name` or `name:version` of every retirement, in order. */
  retired: string[];
  /** What background work reported. */
  reports: unknown[];
  /** As after a crash: what was in memory is gone, what was stored is there. */
  restart(): Promise<void>;
}

/** Everything ends with the test. */
export async function openDomain(context: TestContext, options: Partial<FunctionsOptions> = {}): Promise<TestDomain> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-functions-"));
  const store = await openSqliteStore({ dir });
  const artifacts = testArtifacts();
  const domain = await domainOn(store, artifacts, dir, options);
  context.after(async () => {
    artifacts.release();
    await domain.functions.close();
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });
  return domain;
}

export async function domainOn(
  store: Store,
  artifacts: TestArtifacts,
  dir: string,
  options: Partial<FunctionsOptions> = {},
): Promise<TestDomain> {
  const make = (): Functions =>
    createFunctions({
      policyProblem: (text) => policyProblem(text, "resource"),
      documents: store.documents,
      artifacts,
      runtimes: testRuntimes,
      architecture: "x86_64",
      report: (error) => domain.reports.push(error),
      retire: async (_scope, name, version) => {
        domain.retired.push(version === undefined ? name : `${name}:${version}`);
      },
      ...options,
    });
  const domain: TestDomain = {
    artifacts,
    store,
    dir,
    retired: [],
    reports: [],
    functions: undefined as unknown as Functions,
    async restart() {
      const before = domain.functions;
      const closing = before.close();
      domain.functions = make();
      await domain.functions.start();
      artifacts.release();
      await closing;
    },
  };
  domain.functions = make();
  await domain.functions.start();
  return domain;
}

export function request(name: string, changes: Partial<CreateFunctionRequest> = {}): CreateFunctionRequest {
  return {
    FunctionName: name,
    Runtime: "nodejs24.x",
    Role: role,
    Handler: "index.handler",
    Code: { ZipFile: Buffer.from(`code of ${name}`) },
    ...changes,
  };
}
