/** FileSystemConfigs through the API: access points of the configuration, in real functions of a real Kiln. */
import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { call, deploy, updated } from "../support/functions.ts";
import { leftovers, startTestKiln } from "../support/kiln.ts";

const source = `
import { appendFileSync, readFileSync, readdirSync } from "node:fs";
export const handler = async ({ path, add, crash }) => {
  if (crash) process.exit(3);
  try {
    if (add) appendFileSync(path, add);
    return path ? readFileSync(path, "utf8") : readdirSync("/mnt");
  } catch (error) {
    return error.code;
  }
};`;

const VpcConfig = { SubnetIds: ["subnet-1"], SecurityGroupIds: ["sg-1"] };
const USER = { uid: 4321, gid: 4322 };
const arn = (id: string, account = "000000000000"): string =>
  `arn:aws:elasticfilesystem:us-east-1:${account}:access-point/fsap-${id.repeat(17)}`;
const ofS3 = `arn:aws:s3files:us-east-1:000000000000:file-system/fs-${"0".repeat(17)}/access-point/fsap-${"c".repeat(17)}`;

const mounts = (Arn: string, LocalMountPath = "/mnt/data") => ({
  VpcConfig,
  FileSystemConfigs: [{ Arn, LocalMountPath }],
  Timeout: 20,
  MemorySize: 256,
});

const unknown = (Arn: string) => ({
  name: "InvalidParameterValueException",
  message: `The access point ${Arn} does not exist.`,
});

test("functions share what their access points stand for", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "kiln-files-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const directory = join(folder, "shared");
  mkdirSync(directory);
  chmodSync(directory, 0o700);
  chownSync(directory, USER.uid, USER.gid);
  const file = join(folder, "file-systems.json");
  const all = {
    [arn("a")]: { directory, posixUser: USER },
    [arn("b")]: { directory, posixUser: USER, readOnly: true, accounts: ["111111111111"] },
    // Nobody listens there: loopback has many addresses.
    [arn("e")]: { nfs: "127.77.66.55:/export" },
    [ofS3]: {
      directory,
      posixUser: USER,
      rootDirectory: { path: "/team", creationInfo: { ownerUid: USER.uid, ownerGid: USER.gid, permissions: "0700" } },
    },
  };
  const write = (accessPoints: object): void => writeFileSync(file, JSON.stringify({ accessPoints }));
  write(all);
  const kiln = await startTestKiln(t, { KILN_FILE_SYSTEMS: file, KILN_DRAIN_MS: "500" });
  const client = kiln.client();
  const says = async (name: string, event: object, by = client): Promise<unknown> => {
    const { payload, error, log } = await call(by, name, event);
    assert.equal(error, undefined, log);
    return payload;
  };

  await t.test("write, read, and read-only", async () => {
    await deploy(client, "writer", source, mounts(arn("a")));
    await deploy(client, "reader", source, mounts(arn("b"), "/mnt/else_where-1.x"));
    await deploy(client, "nobody", source, { Timeout: 20 });
    assert.equal(await says("writer", { path: "/mnt/data/log", add: "one\n" }), "one\n");
    assert.equal(await says("reader", { path: "/mnt/else_where-1.x/log" }), "one\n");
    assert.equal(await says("reader", { path: "/mnt/else_where-1.x/log", add: "two\n" }), "EROFS");
    assert.equal(await says("nobody", { path: "/mnt/data/log" }), "ENOENT");
    const { uid, gid } = statSync(join(directory, "log"));
    assert.deepEqual({ uid, gid }, USER);
  });

  await t.test("an environment that has crashed has it again", async () => {
    assert.equal((await call(client, "writer", { crash: true })).error, "Unhandled");
    assert.equal(await says("writer", { path: "/mnt/data/log" }), "one\n");
  });

  await t.test("S3 Files, and changes", async () => {
    await deploy(client, "team", source, mounts(ofS3));
    assert.equal(await says("team", { path: "/mnt/data/log", add: "team\n" }), "team\n");
    assert.equal(readFileSync(join(directory, "team/log"), "utf8"), "team\n");
    const shown = await client.send(new GetFunctionConfigurationCommand({ FunctionName: "team" }));
    assert.deepEqual(shown.FileSystemConfigs, [{ Arn: ofS3, LocalMountPath: "/mnt/data" }]);
    const none = { FunctionName: "team", FileSystemConfigs: [] };
    await client.send(new UpdateFunctionConfigurationCommand(none));
    await updated(client, "team");
    assert.equal(await says("team", { path: "/mnt/data/log" }), "ENOENT");
  });

  await t.test("access points of nobody, or of somebody else, are refused", async () => {
    const { url, region } = kiln.endpoint();
    const other = new LambdaClient({
      endpoint: url,
      region,
      credentials: { accessKeyId: "111111111111", secretAccessKey: "x" },
    });
    t.after(() => other.destroy());
    await assert.rejects(deploy(client, "bad", source, mounts(arn("d"))), unknown(arn("d")));
    await assert.rejects(deploy(other, "bad", source, mounts(arn("a"))), unknown(arn("a")));
    const change = { FunctionName: "writer", FileSystemConfigs: [{ Arn: arn("d"), LocalMountPath: "/mnt/x" }] };
    await assert.rejects(client.send(new UpdateFunctionConfigurationCommand(change)), unknown(arn("d")));
    await assert.rejects(deploy(client, "bad", source, { FileSystemConfigs: mounts(arn("a")).FileSystemConfigs }), {
      message: `Function must be configured to execute in a VPC to reference access point ${arn("a")}.`,
    });
    await deploy(other, "theirs", source, mounts(arn("b")));
    assert.equal(await says("theirs", { path: "/mnt/data/log" }, other), "one\n");
  });

  await t.test("what cannot be mounted is the call's error", async () => {
    await deploy(client, "late", source, mounts(arn("a")));
    renameSync(directory, `${directory}-away`);
    await assert.rejects(
      call(client, "late", {}),
      (error: { name: string; message: string; $metadata: { httpStatusCode?: number } }) => {
        assert.equal(error.name, "EFSMountFailureException");
        assert.equal(error.message, `The function could not mount the EFS file system with access point ${arn("a")}.`);
        assert.equal(error.$metadata.httpStatusCode, 403);
        return true;
      },
    );
    assert.match(kiln.output(), /cannot be mounted: openat2/);
    await deploy(client, "far", source, mounts(arn("e")));
    await assert.rejects(call(client, "far", {}), { name: "EFSMountConnectivityException" });
    assert.match(kiln.output(), /The server of 127\.77\.66\.55:\/export cannot be reached/);
    renameSync(`${directory}-away`, directory);
    assert.equal(await says("late", { path: "/mnt/data/log" }), "one\n");
  });

  await kiln.kill();
  assert.ok(leftovers(kiln.state).length > 0);
  write({ [arn("b")]: all[arn("b")] });
  await kiln.start();
  assert.equal(readFileSync(join(directory, "log"), "utf8"), "one\n", "a clean-up touches nobody's data");
  const after = kiln.client();
  await assert.rejects(call(after, "writer", {}), { name: "EFSMountFailureException" });
  assert.equal(await says("reader", { path: "/mnt/else_where-1.x/log" }, after), "one\n");
  await kiln.stop();
  assert.deepEqual(leftovers(kiln.state), []);
  assert.equal(readFileSync(join(directory, "log"), "utf8"), "one\n");
});
