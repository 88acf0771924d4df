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
    if (systemCode(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}
