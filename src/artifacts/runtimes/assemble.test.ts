import assert from "node:assert/strict";
import { test } from "node:test";

import { assemble } from "./assemble.ts";

test("an image of a registry is refused, because nothing pulls it", async () => {
  const oci = "registry.example/lambda/dotnet@sha256:00";
  const refused = assemble(
    { kind: "oci", version: "10", oci },
    {
      id: "dotnet10",
      dir: "/nowhere",
      work: "/nowhere",
      root: "/nowhere",
      arch: "x64",
      mavenRepository: "http://127.0.0.1:9",
      nodeSdk: () => assert.fail("no SDK is wanted"),
      base: () => assert.fail("no base is wanted"),
      onStep: () => assert.fail("nothing is done"),
    },
  );
  await assert.rejects(refused, { code: "OCI_UNSUPPORTED", message: /registry\.example\/lambda\/dotnet@sha256:00/ });
});
