/** Debian's AWS CLI, unmodified, with the exports of `kiln env`. */
import assert from "node:assert/strict";
import { access } from "node:fs/promises";
import { kilnProgram, run, type Finished, type TestKiln } from "./kiln.ts";

const aws = "/usr/bin/aws";

export interface AwsCli {
  /** What `kiln env` exports, by name. */
  environment: Readonly<Record<string, string>>;
  /** `aws lambda …`; never rejects for its exit status. */
  call: (...parameters: string[]) => Promise<Finished>;
  /** The same where it must succeed; its output, read as JSON. */
  answer: (...parameters: string[]) => Promise<Record<string, unknown>>;
}

export async function awsCli(kiln: TestKiln): Promise<AwsCli> {
  await access(aws);
  const exportsText = await run(kilnProgram, ["env", "--state", kiln.state]);
  assert.equal(exportsText.status, 0, exportsText.stderr);
  const environment = Object.fromEntries(
    [...exportsText.stdout.matchAll(/^export (\w+)=['"]?([^'"\n]*)['"]?$/gm)].map((match) => [
      match[1] ?? "",
      match[2] ?? "",
    ]),
  );
  const call = (...parameters: string[]): Promise<Finished> =>
    run(aws, ["--output", "json", "lambda", ...parameters], environment);
  return {
    environment,
    call,
    async answer(...parameters) {
      const finished = await call(...parameters);
      assert.equal(finished.status, 0, finished.stderr);
      return finished.stdout.trim() === "" ? {} : (JSON.parse(finished.stdout) as Record<string, unknown>);
    },
  };
}
