import assert from "node:assert/strict";
import { test } from "node:test";
import { KilnError } from "../base/errors.ts";
import { parseFileSystems } from "./file-systems.ts";

const efs = "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0";
const s3 = `arn:aws:s3files:us-east-1:000000000000:file-system/fs-${"0".repeat(17)}/access-point/fsap-${"1".repeat(17)}`;
const own = ["/var/lib/kiln", "/run/kiln"];
const parse = (accessPoints: unknown) => parseFileSystems(JSON.stringify({ accessPoints }), "f", own);

test("a file with everything, and its defaults", () => {
  assert.deepEqual(
    parse({
      [efs]: { directory: "/srv/shared" },
      [s3]: {
        directory: "/srv/more",
        posixUser: { uid: 1000, gid: 1001 },
        rootDirectory: { path: "/a/b", creationInfo: { ownerUid: 0, ownerGid: 1001, permissions: "0750" } },
        readOnly: true,
        accounts: ["111111111111"],
      },
    }),
    {
      [efs]: {
        source: { kind: "directory", path: "/srv/shared", user: { uid: 993, gid: 990 } },
        root: "/",
        readOnly: false,
        accounts: ["000000000000"],
      },
      [s3]: {
        source: {
          kind: "directory",
          path: "/srv/more",
          user: { uid: 1000, gid: 1001 },
          creation: { uid: 0, gid: 1001, mode: 0o750 },
        },
        root: "/a/b",
        readOnly: true,
        accounts: ["000000000000", "111111111111"],
      },
    },
  );
});

test("an NFS export", () => {
  assert.deepEqual(parse({ [efs]: { nfs: "[fd00::1]:/srv/x" } })[efs], {
    source: { kind: "nfs", server: "[fd00::1]", path: "/srv/x" },
    root: "/",
    readOnly: false,
    accounts: ["000000000000"],
  });
});

const point = (more: object) => ({ [efs]: { directory: "/srv/shared", ...more } });
const mistakes: Record<string, unknown> = {
  "an id that is none": { "fsap-1": { directory: "/srv" } },
  "no directory": { [efs]: {} },
  "both a directory and an export": point({ nfs: "files:/srv" }),
  "an export with a user": { [efs]: { nfs: "files:/srv", posixUser: { uid: 1, gid: 1 } } },
  "an export with a root": { [efs]: { nfs: "files:/srv", rootDirectory: { path: "/a" } } },
  "an export without a server": { [efs]: { nfs: "/srv" } },
  "an export whose server is an option": { [efs]: { nfs: "-o:/srv" } },
  "an export that leads up": { [efs]: { nfs: "files:/srv/../etc" } },
  "a relative directory": point({ directory: "srv" }),
  "a directory that leads elsewhere": point({ directory: "/srv/../etc" }),
  "all of the host": point({ directory: "/" }),
  "the state directory": point({ directory: "/var/lib/kiln" }),
  "a directory with the state directory in it": point({ directory: "/var" }),
  "a directory in the state directory": point({ directory: "/var/lib/kiln/x" }),
  "a root that leads out": point({ rootDirectory: { path: "/a/../.." } }),
  "a root that is relative": point({ rootDirectory: { path: "a" } }),
  "a root that is deep": point({ rootDirectory: { path: "/1/2/3/4/5" } }),
  "the host's root": point({ posixUser: { uid: 0, gid: 1 } }),
  "the group of the host's root": point({ posixUser: { uid: 1, gid: 0 } }),
  "ids of jails": point({ posixUser: { uid: 0x4000_0000, gid: 1 } }),
  "half a user": point({ posixUser: { uid: 1 } }),
  "permissions that are none": point({
    rootDirectory: { path: "/a", creationInfo: { ownerUid: 1, ownerGid: 1, permissions: "rwx" } },
  }),
  "a member that is unknown": point({ quota: 1 }),
  "an account that is none": point({ accounts: ["1"] }),
  "an answer to something else": point({ readOnly: "no" }),
};
for (const [name, accessPoints] of Object.entries(mistakes)) {
  test(`refused: ${name}`, () => assert.throws(() => parse(accessPoints), KilnError));
}

test("directories with names that only begin alike are apart", () => {
  assert.ok(parse(point({ directory: "/var/lib/kiln-shared" })));
});
