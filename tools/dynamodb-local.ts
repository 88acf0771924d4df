/**
 * DynamoDB Local, which the tests read streams of. `bin/node tools/dynamodb-local.ts` prepares it; it needs Maven Central
 * only when something has changed.
 */
import { join, resolve } from "node:path";
import { mavenLibraries, withoutMaven } from "./maven-libraries.ts";

const pom = resolve(import.meta.dirname, "../test/sources/dynamodb-local/pom.xml");

/** Why this machine cannot have it; undefined when it can. */
export async function withoutDynamodbLocal(): Promise<string | undefined> {
  if (process.arch !== "x64") return `DynamoDB Local has no SQLite for ${process.arch}`;
  return withoutMaven();
}

/** The command that starts it; options of the server are to be added. */
export async function dynamodbLocal(): Promise<string[]> {
  const libraries = await mavenLibraries("dynamodb-local", pom);
  const main = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner";
  return ["java", `-Dsqlite4java.library.path=${libraries}`, "-cp", join(libraries, "*"), main];
}

if (import.meta.main) {
  const reason = await withoutDynamodbLocal();
  if (reason === undefined) await dynamodbLocal();
  else console.log(`set-up: the tests skip DynamoDB Local: ${reason}`);
}
