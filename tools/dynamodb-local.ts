/**
 * DynamoDB Local, which the tests read streams of. It runs on Java, comes from Maven Central, and is not passed on.
 * `bin/node tools/dynamodb-local.ts` prepares it; it needs the repository only when something has changed.
 */
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { kept, missing } from "./test-cache.ts";

const run = promisify(execFile);
const pom = resolve(import.meta.dirname, "../test/sources/dynamodb-local/pom.xml");

/** Why this machine cannot have it; undefined when it can. */
export async function withoutDynamodbLocal(): Promise<string | undefined> {
  if (process.arch !== "x64") return `DynamoDB Local has no SQLite for ${process.arch}`;
  return missing(
    [
      ["java", "-version"],
      ["mvn", "-version"],
    ],
    "Java with Maven",
  );
}

/** The command that starts it; options of the server are to be added. */
export async function dynamodbLocal(): Promise<string[]> {
  const libraries = await kept("dynamodb-local", [pom], ["java", "-version"], async (made) => {
    const options = ["-DincludeScope=runtime", `-DoutputDirectory=${made}`];
    await run("mvn", ["-B", "-q", "-f", pom, "dependency:copy-dependencies", ...options]);
  });
  const main = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner";
  return ["java", `-Dsqlite4java.library.path=${libraries}`, "-cp", join(libraries, "*"), main];
}

if (import.meta.main) {
  const reason = await withoutDynamodbLocal();
  if (reason === undefined) await dynamodbLocal();
  else console.log(`set-up: the tests skip DynamoDB Local: ${reason}`);
}
