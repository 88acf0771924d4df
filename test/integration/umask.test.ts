/** Kiln under a service manager that lets nobody else read what it writes. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { test } from "node:test";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { deploy } from "../support/functions.ts";
import { keyFileOf, kilnProgram, startTestKiln } from "../support/kiln.ts";

test("functions run where Kiln was started with umask 077, and what is secret stays so", async (context) => {
  // What this process starts inherits it.
  process.umask(0o077);
  const kiln = await startTestKiln(context);
  await deploy(kiln.client(), "closed", "export const handler = async () => 'open';");
  const { Payload } = await kiln.client().send(new InvokeCommand({ FunctionName: "closed" }));
  assert.equal(Buffer.from(Payload ?? []).toString(), '"open"');
  const modes = [kiln.state, keyFileOf(kiln.state)].map((path) => statSync(path).mode & 0o777);
  assert.deepEqual(modes, [0o700, 0o600]);
  execFileSync(kilnProgram, ["doctor", "--state", kiln.state]);
});
