/** Servers of Maven Central that tests need: they run on Java, and are not passed on. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { kept, missing } from "./test-cache.ts";

const run = promisify(execFile);

/** Why this machine cannot have them; undefined when it can. */
export function withoutMaven(): Promise<string | undefined> {
  return missing(
    [
      ["java", "-version"],
      ["mvn", "-version"],
    ],
    "Java with Maven",
  );
}

/** The folder with everything that the file `pom` names. */
export function mavenLibraries(name: string, pom: string): Promise<string> {
  return kept(name, [pom], ["java", "-version"], async (made) => {
    const options = ["-DincludeScope=runtime", `-DoutputDirectory=${made}`];
    await run("mvn", ["-B", "-q", "-f", pom, "dependency:copy-dependencies", ...options]);
  });
}
