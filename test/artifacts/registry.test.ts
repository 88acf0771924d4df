/** Images from a real registry, and from servers that only claim to be one. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { ImageRefusal, type Images } from "../../src/artifacts/contract.ts";
import { openImageFiles } from "../../src/artifacts/image-files.ts";
import { createImages } from "../../src/artifacts/images/images.ts";
import { openPlaces, type ImagePlace } from "../../src/artifacts/images/places.ts";
import { KilnError } from "../../src/base/errors.ts";
import type { Blobs } from "../../src/store/contract.ts";
import { openFileBlobs } from "../../src/store/files/blobs.ts";
import { sha256, writeLayout, type Layout } from "../support/container-image.ts";
import {
  basicAuth,
  push,
  putManifest,
  startRegistry,
  startTokenServer,
  user,
  withoutRegistry as skip,
  type TestRegistry,
} from "../support/registry.ts";
import { tarOf } from "../support/tar.ts";

const AWS = process.arch === "arm64" ? "arm64" : "x86_64";
const ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
const layer = gzipSync(tarOf([{ name: "etc/motd", content: "hello" }]));

interface Place {
  dir: string;
  blobs: Blobs;
  images(places: readonly ImagePlace[], credentials?: Record<string, object>): Images;
}

async function place(context: TestContext): Promise<Place> {
  const dir = mkdtempSync(join(tmpdir(), "kiln-registry-test-"));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  const blobs = await openFileBlobs({ dir: join(dir, "blobs") });
  const files = await openImageFiles({ dir: join(dir, "a"), maxBytes: Number.POSITIVE_INFINITY, clock: Date.now });
  return {
    dir,
    blobs,
    images(places, auths) {
      const credentialsFile = auths && join(dir, "config.json");
      if (credentialsFile !== undefined) writeFileSync(credentialsFile, JSON.stringify({ auths }));
      const openRepository = openPlaces({ places, credentialsFile });
      return createImages({ blobs, files, openRepository, initProgram: process.execPath });
    },
  };
}

async function stocked(
  context: TestContext,
  { dir }: Place,
): Promise<{ registry: TestRegistry; layout: Layout; storage: string }> {
  const storage = join(dir, "storage");
  const registry = await startRegistry(context, storage);
  const layout = writeLayout(join(dir, "layout"), { layers: [layer], config: { Cmd: ["x"] } });
  await push(registry, "team/shop", join(dir, "layout"));
  return { registry, layout, storage };
}

const refusal = (kind: string) => (error: unknown) => error instanceof ImageRefusal && error.kind === kind;
const failure = (code: string) => (error: unknown) => error instanceof KilnError && error.code === code;
const basic = (name: string, password: string) => ({ auth: Buffer.from(`${name}:${password}`).toString("base64") });

describe("a registry", { skip }, () => {
  it("is asked where the configuration says, for what it really has", async (context) => {
    const here = await place(context);
    const { registry, layout } = await stocked(context, here);
    const images = here.images([{ host: "*.dkr.ecr.*.amazonaws.com", at: `${registry.url}/team` }]);
    const found = await images.resolve(`${ECR}/shop:latest`, AWS);
    assert.equal(`sha256:${found.codeSha256}`, layout.digest);
    assert.equal(found.image?.resolvedUri, `${ECR}/shop@${layout.digest}`);
    assert.deepEqual(
      found.image?.layers.map(({ blob }) => blob),
      [sha256(layer)],
    );
    assert.ok(found.image);
    await images.pull(found.image);
    assert.deepEqual(await (await here.blobs.get(sha256(layer)))?.bytes(), layer);
    await images.prepare(found);

    const byDigest = await images.resolve(`${ECR}/shop@${layout.digest}`, AWS);
    assert.equal(byDigest.blob, found.blob);
    for (const [uri, kind] of [
      [`${ECR}/shop:v2`, "missing"],
      [`${ECR}/else:latest`, "missing"],
      [`${ECR}/shop@sha256:${"0".repeat(64)}`, "missing"],
      [`${ECR}/shop`, "reference"],
      [`${ECR}/Shop:latest`, "reference"],
      [`${ECR}/../shop:latest`, "reference"],
      ["shop:latest", "reference"],
      ["public.ecr.aws/lambda/nodejs:24", "foreign"],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- One after the other.
      await assert.rejects(images.resolve(uri, AWS), refusal(kind), uri);
    }
    await assert.rejects(
      images.resolve(`${ECR}/shop:latest`, AWS === "arm64" ? "x86_64" : "arm64"),
      refusal("architecture"),
    );
  });

  it("of an index, the image for the machine is taken", async (context) => {
    const here = await place(context);
    const { registry } = await stocked(context, here);
    const manifests = [];
    for (const architecture of ["amd64", "arm64"]) {
      const dir = join(here.dir, architecture);
      const { digest } = writeLayout(dir, { layers: [layer], architecture, tag: architecture });
      // oxlint-disable-next-line no-await-in-loop -- One after the other.
      await push(registry, "team/shop", dir, architecture);
      const { length: size } = readFileSync(join(dir, "blobs/sha256", digest.slice(7)));
      const mediaType = "application/vnd.oci.image.manifest.v1+json";
      manifests.push({ mediaType, digest, size, platform: { os: "linux", architecture } });
      // What buildx adds.
      manifests.push({ mediaType, digest, size, platform: { os: "unknown", architecture: "unknown" } });
    }
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
    await putManifest(registry, "team/shop", "both", index, mediaType);
    const images = here.images([{ host: registry.host, at: registry.url }]);
    for (const [architecture, own] of [
      ["x86_64", manifests[0]],
      ["arm64", manifests[2]],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- One after the other.
      const found = await images.resolve(`${registry.host}/team/shop:both`, architecture);
      assert.equal(`sha256:${found.blob}`, own?.digest);
    }
  });

  it("that wants a name and a password", async (context) => {
    const here = await place(context);
    const { storage } = await stocked(context, here);
    const closed = await startRegistry(context, storage, basicAuth);
    const places = [{ host: "registry.example", at: closed.url }];
    const uri = "registry.example/team/shop:latest";
    await assert.rejects(here.images(places).resolve(uri, AWS), refusal("denied"));
    const wrong = here.images(places, { "registry.example": basic(user.name, "wrong") });
    await assert.rejects(wrong.resolve(uri, AWS), refusal("denied"));
    const others = here.images(places, { "other.example": basic(user.name, user.password) });
    await assert.rejects(others.resolve(uri, AWS), refusal("denied"));
    // By the name that images have, or by that of the registry that is asked.
    for (const host of ["registry.example", closed.host]) {
      const images = here.images(places, { [host]: basic(user.name, user.password) });
      // oxlint-disable-next-line no-await-in-loop -- One after the other.
      const { image } = await images.resolve(uri, AWS);
      assert.ok(image);
      // oxlint-disable-next-line no-await-in-loop -- One after the other.
      await images.pull(image);
    }
  });

  it("that wants tokens", async (context) => {
    const here = await place(context);
    const { storage } = await stocked(context, here);
    const { auth } = basic(user.name, user.password);
    const tokens = await startTokenServer(context, (authorization) => authorization === `Basic ${auth}`);
    const closed = await startRegistry(context, storage, (dir) => tokens.auth(dir));
    const places = [{ host: "registry.example", at: closed.url }];
    const uri = "registry.example/team/shop:latest";
    await assert.rejects(here.images(places).resolve(uri, AWS), refusal("denied"));
    const images = here.images(places, { "registry.example": { auth } });
    const { image } = await images.resolve(uri, AWS);
    assert.ok(image);
    await images.pull(image);
    assert.deepEqual(
      tokens.asked.map(({ scope }) => scope),
      Array(3).fill("repository:team/shop:pull"),
    );
    assert.equal(tokens.asked[0]?.authorization, undefined);
  });
});

/** A server that answers for a registry. */
async function pretend(context: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Serves a layout, but for what `change` answers itself. */
function serving(dir: string, { digest }: Layout, change: RequestListener): RequestListener {
  return (request, response) => {
    change(request, response);
    if (response.writableEnded || response.headersSent) return;
    const name = (request.url ?? "").split("/").at(-1) ?? "";
    const wanted = name === "latest" ? digest : name;
    if ((request.url ?? "").includes("/manifests/")) {
      response.setHeader("content-type", "application/vnd.oci.image.manifest.v1+json");
    }
    response.end(readFileSync(join(dir, "blobs/sha256", wanted.slice(7))));
  };
}
const isBlob = (url: string | undefined, digest: string | undefined) => url?.endsWith(`/blobs/${digest}`) === true;

describe("servers that only claim to be a registry", () => {
  const table: readonly [
    title: string,
    change: (layout: Layout) => RequestListener,
    refused: (error: unknown) => boolean,
  ][] = [
    [
      "another layer than the manifest says",
      ({ layers: [own] }) =>
        (request, response) => {
          if (isBlob(request.url, own)) response.end(gzipSync(tarOf([{ name: "evil" }])));
        },
      refusal("invalid"),
    ],
    [
      "a layer that is cut",
      ({ layers: [own] }) =>
        (request, response) => {
          if (isBlob(request.url, own)) response.end(layer.subarray(0, 50));
        },
      refusal("invalid"),
    ],
    [
      "a layer that does not end",
      ({ layers: [own] }) =>
        (request, response) => {
          if (isBlob(request.url, own)) response.end(Buffer.concat([layer, Buffer.alloc(5_000_000)]));
        },
      refusal("invalid"),
    ],
    [
      "a manifest that is no JSON",
      () => (request, response) => {
        if (!request.url?.includes("/manifests/")) return;
        response.setHeader("content-type", "application/vnd.oci.image.manifest.v1+json");
        response.end("<html>");
      },
      refusal("invalid"),
    ],
    [
      "a manifest of another kind",
      () => (request, response) => {
        if (!request.url?.includes("/manifests/")) return;
        response.setHeader("content-type", "application/vnd.docker.distribution.manifest.v1+json");
        response.end("{}");
      },
      refusal("media-type"),
    ],
    [
      "a manifest without an end",
      () => (request, response) => {
        if (request.url?.includes("/manifests/")) response.end(Buffer.alloc(5 * 1024 * 1024, "{"));
      },
      failure("REGISTRY_ANSWER"),
    ],
    [
      "redirects in a circle",
      () => (request, response) => {
        response.writeHead(307, { location: request.url ?? "/" }).end();
      },
      failure("REGISTRY_REDIRECT"),
    ],
    [
      "a redirect to a file",
      () => (_request, response) => {
        response.writeHead(307, { location: "file:///etc/shadow" }).end();
      },
      failure("REGISTRY_REDIRECT"),
    ],
    [
      "a challenge for tokens of nowhere",
      () => (_request, response) => {
        response.writeHead(401, { "www-authenticate": 'Bearer realm="file:///etc/shadow"' }).end();
      },
      failure("REGISTRY_TOKEN"),
    ],
    [
      "errors of its own",
      () => (_request, response) => {
        response.writeHead(500).end();
      },
      failure("REGISTRY_ANSWER"),
    ],
  ];
  for (const [title, change, refused] of table) {
    it(title, async (context) => {
      const here = await place(context);
      const dir = join(here.dir, "layout");
      const layout = writeLayout(dir, { layers: [layer] });
      const url = await pretend(context, serving(dir, layout, change(layout)));
      const images = here.images([{ host: "registry.example", at: url }]);
      const pulled = async () => {
        const { image } = await images.resolve("registry.example/shop:latest", AWS);
        assert.ok(image);
        await images.pull(image);
      };
      await assert.rejects(pulled(), refused);
      const kept: string[] = [];
      for await (const id of here.blobs.list()) kept.push(id);
      assert.deepEqual(kept, []);
    });
  }

  it("credentials do not follow a redirect to another server", async (context) => {
    const here = await place(context);
    const dir = join(here.dir, "layout");
    const layout = writeLayout(dir, { layers: [layer] });
    const seen: (string | undefined)[] = [];
    const store = await pretend(context, (request, response) => {
      seen.push(request.headers.authorization);
      response.end(readFileSync(join(dir, "blobs/sha256", (request.url ?? "").slice(1))));
    });
    const url = await pretend(
      context,
      serving(dir, layout, (request, response) => {
        if (request.headers.authorization === undefined) {
          response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
        } else if (request.url?.includes("/blobs/")) {
          response.writeHead(307, { location: `${store}/${request.url.split(":").at(-1)}` }).end();
        }
      }),
    );
    const images = here.images([{ host: "registry.example", at: url }], { "registry.example": basic("a", "b") });
    const { image } = await images.resolve("registry.example/shop:latest", AWS);
    assert.ok(image);
    await images.pull(image);
    assert.deepEqual(seen, [undefined, undefined]);
  });

  it("nobody", async (context) => {
    const here = await place(context);
    const images = here.images([{ host: "registry.example", at: "http://127.0.0.1:1" }]);
    await assert.rejects(images.resolve("registry.example/shop:latest", AWS), failure("REGISTRY_UNREACHABLE"));
  });
});
