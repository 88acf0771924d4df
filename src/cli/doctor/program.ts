import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { systemCode } from "../../base/errors.ts";

const run = promisify(execFile);

/** First line that a program prints, undefined when it is not installed. Rejects when it fails. */
export async function firstLine(program: string, parameters: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(program, [...parameters], { timeout: 10_000 });
    return `${stdout}${stderr}`.trim().split("\n")[0] ?? "";
  } catch (thrown) {
    // EACCES: a folder of PATH that this user may not look into.
    if (systemCode(thrown) === "ENOENT" || systemCode(thrown) === "EACCES") return undefined;
    throw thrown;
  }
}
