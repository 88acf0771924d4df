import assert from "node:assert/strict";
import { test } from "node:test";
import { checkVersion, parseVersion } from "./version.ts";

const refused = [
  ["1.13.0", /CVE-2026-5747/],
  ["1.14.3", /CVE-2026-5747/],
  ["1.15.0", /CVE-2026-5747/],
  ["1.12.1", /older than 1\.14\.4/],
  ["0.25.2", /older than 1\.14\.4/],
  ["2.0.0", /another API/],
] as const;

test("versions with a known way out, and those that Kiln does not speak to, are refused", () => {
  for (const [version, reason] of refused) {
    assert.throws(() => checkVersion(parseVersion(`Firecracker v${version}\n`)), reason, version);
  }
});

test("releases without one are taken", () => {
  for (const version of ["1.14.4", "1.14.10", "1.15.1", "1.16.0", "1.16.1", "1.20.0"]) {
    checkVersion(parseVersion(`Firecracker v${version}`));
  }
});

test("what is no release says so", () => {
  for (const line of [
    "",
    "Firecracker v1.17.0-dev",
    "Firecracker 1.16.1",
    "bash, version 5",
    "Firecracker v1.16.1 x",
  ]) {
    assert.throws(() => parseVersion(line), /no release of Firecracker/, line);
  }
});
