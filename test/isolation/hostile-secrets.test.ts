/**
 * A function looks for the secrets of others in all that it can read, its own memory too: jails are booted before they have
 * a function. Those of another function, of another account, and of its own earlier code must not be there.
 */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { LambdaClient, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { call, updated } from "../support/functions.ts";
import { openArena } from "./hostile.ts";
import { hostile } from "./levels.ts";

interface Found {
  found: Record<"memory" | "others" | "files", string[]>;
  keys: Record<string, string>;
}

const newSecret = (): string => `secret-${randomBytes(16).toString("hex")}`;
const digest = (secret: string): string => createHash("sha256").update(secret).digest("hex");
const withSecret = (SECRET: string) => ({ Environment: { Variables: { SECRET } }, MemorySize: 256 });

hostile("secrets of others", async (context, level) => {
  const arena = await openArena(context, level);
  const { url, region } = arena.kiln.endpoint();
  const credentials = { accessKeyId: "111111111111", secretAccessKey: "any" };
  const tenant = new LambdaClient({ endpoint: url, region, credentials });
  context.after(() => tenant.destroy());

  const own = newSecret();
  await arena.deploy("victim", "secrets.py", withSecret(newSecret()));
  await arena.deploy("other", "secrets.py", withSecret(newSecret()), tenant);
  await arena.deploy("spy", "secrets.py", withSecret(newSecret()));
  const keys: Record<string, string>[] = [];
  // Each of them has its secret in its memory and in its /tmp.
  for (const [client, name] of [
    [arena.client, "victim"],
    [tenant, "other"],
    [arena.client, "spy"],
  ] as const) {
    assert.equal((await call(client, name, { keep: true })).payload, "kept");
    const { found, keys: theirs } = (await call(client, name)).payload as Found;
    assert.deepEqual([found.files.length, found.memory.length], [1, 1], "who looks finds what there is");
    keys.push(theirs);
  }
  await arena.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "spy", ...withSecret(own) }));
  await updated(arena.client, "spy");

  const { payload, error, log } = await arena.beside(
    "a search for secrets",
    () => arena.call("spy"),
    () => "its own alone",
  );
  assert.equal(error, undefined, log);
  const spied = payload as Found;
  assert.deepEqual(spied.found.memory, [digest(own)]);
  assert.deepEqual(spied.found.files, []);
  for (const one of spied.found.others) assert.equal(one, digest(own));
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_LAMBDA_LOG_STREAM_NAME"]) {
    const all = [...keys, spied.keys].map((each) => each[name]);
    assert.equal(new Set(all).size, all.length, `two environments share ${name}`);
  }

  // Tenants of one function: what one of them has left, the other one looks for.
  await arena.deploy("shared", "secrets.py", {
    MemorySize: 256,
    TenancyConfig: { TenantIsolationMode: "PER_TENANT" },
  });
  const secrets = { blue: newSecret(), green: newSecret() };
  for (const [TenantId, secret] of Object.entries(secrets)) {
    assert.equal((await call(arena.client, "shared", { keep: true, secret }, { TenantId })).payload, "kept");
  }
  const looked = await arena.beside(
    "a search for another tenant's secrets",
    () => call(arena.client, "shared", {}, { TenantId: "green" }),
    () => "its own alone",
  );
  const { memory, files, others } = (looked.payload as Found).found;
  assert.deepEqual([memory, files], [[digest(secrets.green)], [digest(secrets.green)]]);
  assert.deepEqual(others, []);
  await arena.close();
});
