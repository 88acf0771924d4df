/** Functions of container images in the domain: what becomes of what a registry says, and of what it has given. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CreateFunctionRequest } from "@aws-sdk/client-lambda";
import { ImageRefusal, type ImageRefusalKind, type Images, type StoredArtifact } from "../../src/artifacts/contract.ts";
import { KilnError, ServiceError } from "../../src/base/errors.ts";
import { openDomain, role, scope, type TestArtifacts } from "./support.ts";

const uri = "registry.example/shop:v1";

function artifact(name: string): StoredArtifact {
  return {
    blob: `manifest-${name}`,
    codeSha256: `manifest-${name}`,
    size: 0,
    unzippedSize: 0,
    image: {
      uri: `registry.example/${name}`,
      resolvedUri: `registry.example/shop@${name}`,
      layers: [
        { blob: "shared", size: 1, diffId: "d" },
        { blob: `own-${name}`, size: 1, diffId: "e" },
      ],
      entryPoint: ["/run"],
      command: [],
      workingDirectory: "",
      environment: {},
    },
  };
}

interface TestImages extends Images {
  refuse: Error | undefined;
  /** What `pull` ends with. */
  fail: Error | undefined;
  artifacts: TestArtifacts | undefined;
}

/** Layers that are pulled are blobs of the artifacts. */
function testImages(): TestImages {
  const images: TestImages = {
    refuse: undefined,
    fail: undefined,
    artifacts: undefined,
    async resolve(asked) {
      if (images.refuse) throw images.refuse;
      return artifact(asked.split("/")[1] ?? "");
    },
    async pull({ layers }) {
      if (images.fail) throw images.fail;
      for (const { blob } of layers) images.artifacts?.stored.set(blob, Buffer.from(blob));
    },
    prepare: async ({ blob }) => `/images/${blob}`,
    stop: () => undefined,
  };
  return images;
}

const request = (name: string, changes: Partial<CreateFunctionRequest> = {}): CreateFunctionRequest => ({
  FunctionName: name,
  PackageType: "Image",
  Role: role,
  Code: { ImageUri: uri },
  ...changes,
});

describe("functions of container images", () => {
  it("keep the layers that a version of theirs has, and no others", async (t) => {
    const images = testImages();
    const { functions, artifacts } = await openDomain(t, { images, collectionDelay: 1 });
    images.artifacts = artifacts;
    await functions.create(scope, "f", request("f", { Publish: true }));
    await functions.settled();
    assert.deepEqual([...artifacts.stored.keys()].sort(), ["own-shop:v1", "shared"]);
    await functions.updateCode(scope, "f", { FunctionName: "f", ImageUri: "registry.example/shop:v2" });
    await functions.settled();
    assert.deepEqual([...artifacts.stored.keys()].sort(), ["own-shop:v1", "own-shop:v2", "shared"]);
    await functions.remove(scope, "f", "1");
    await functions.settled();
    assert.deepEqual([...artifacts.stored.keys()].sort(), ["own-shop:v2", "shared"]);
    assert.deepEqual(functions.usage(scope), { totalCodeSize: 0, functionCount: 1 });
    await functions.remove(scope, "f");
    await functions.settled();
    assert.deepEqual([...artifacts.stored.keys()], []);
  });

  it("what serves calls goes on doing so when a new image cannot be had", async (t) => {
    const images = testImages();
    const domain = await openDomain(t, { images });
    const { functions } = domain;
    images.artifacts = domain.artifacts;
    await functions.create(scope, "f", request("f"));
    await functions.settled();
    images.fail = new ImageRefusal("missing", "it is gone");
    await functions.updateCode(scope, "f", { FunctionName: "f", ImageUri: "registry.example/shop:v2" });
    await functions.settled();
    const { version } = await functions.get(scope, "f");
    assert.equal(version.phase, "update-failed");
    assert.equal(version.failure?.code, "ImageDeleted");
    const target = await functions.directory.resolve(scope, "f", undefined);
    assert.equal((await target.assignment()).image?.root, "/images/manifest-shop:v1");
  });

  const failures: readonly [title: string, error: Error, code: string, reason: RegExp][] = [
    ["gone", new ImageRefusal("missing", "x"), "ImageDeleted", /^The function is trying to use a deleted image\./],
    ["refused", new ImageRefusal("denied", "x"), "ImageAccessDenied", /Check the ECR permissions\.$/],
    ["of a registry that is not asked any more", new ImageRefusal("foreign", "x"), "ImageAccessDenied", /permission/],
    ["damaged", new ImageRefusal("invalid", "a layer is damaged"), "InvalidImage", /not valid: a layer is damaged\.$/],
    ["out of reach", new KilnError("REGISTRY_UNREACHABLE", "nobody answers"), "InternalError", /nobody answers/],
  ];
  for (const [title, error, code, reason] of failures) {
    it(`an image that is ${title} when it is pulled makes the function Failed, ${code}`, async (t) => {
      const images = testImages();
      const { functions } = await openDomain(t, { images });
      images.fail = error;
      await functions.create(scope, "f", request("f"));
      await functions.settled();
      const { version } = await functions.get(scope, "f");
      assert.equal(version.phase, "failed");
      assert.equal(version.failure?.code, code);
      assert.match(version.failure?.reason ?? "", reason);
    });
  }

  it("a pull that ends with the process leaves the function Pending, for the next one", async (t) => {
    const images = testImages();
    const domain = await openDomain(t, { images });
    images.fail = new KilnError("PULL_STOPPED", "the end");
    await domain.functions.create(scope, "f", request("f"));
    await domain.functions.settled();
    assert.equal((await domain.functions.get(scope, "f")).version.phase, "creating");
    images.fail = undefined;
    await domain.restart();
    await domain.functions.settled();
    assert.equal((await domain.functions.get(scope, "f")).version.phase, "ready");
  });

  const refusals: readonly [kind: ImageRefusalKind, code: string, message: string][] = [
    ["missing", "InvalidParameterValueException", `Source image ${uri} does not exist. Provide a valid source image.`],
    ["reference", "InvalidParameterValueException", `Source image ${uri} is not valid. Provide a valid source image.`],
    [
      "media-type",
      "InvalidParameterValueException",
      `The image manifest, config or layer media type for the source image ${uri} is not supported.`,
    ],
    [
      "denied",
      "AccessDeniedException",
      "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
    ],
  ];
  for (const [kind, code, message] of refusals) {
    it(`${kind}: refused when the function is made, and nothing of it is there`, async (t) => {
      const images = testImages();
      const { functions } = await openDomain(t, { images });
      images.refuse = new ImageRefusal(kind, "x");
      await assert.rejects(functions.create(scope, "f", request("f")), (error: unknown) => {
        assert.ok(error instanceof ServiceError);
        assert.deepEqual([error.code, error.message], [code, message]);
        return true;
      });
      await assert.rejects(functions.get(scope, "f"), { code: "ResourceNotFoundException" });
    });
  }

  it("are refused where there are no registries", async (t) => {
    const { functions } = await openDomain(t);
    await assert.rejects(functions.create(scope, "f", request("f")), {
      code: "InvalidParameterValueException",
      message:
        /^Source image registry\.example\/shop:v1 is not valid\. Provide a valid source image\. Kiln was started/,
    });
  });
});
