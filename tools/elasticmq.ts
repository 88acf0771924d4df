/**
 * ElasticMQ, whose queues the tests poll. `bin/node tools/elasticmq.ts` prepares it; it needs Maven Central only when
 * something has changed.
 */
import { join, resolve } from "node:path";
import { mavenLibraries, withoutMaven } from "./maven-libraries.ts";

const folder = resolve(import.meta.dirname, "../test/sources/elasticmq");

/** Why this machine cannot have it; undefined when it can. */
export const withoutElasticmq = withoutMaven;

/** The command that starts it; the port is to be added. */
export async function elasticmq(): Promise<string[]> {
  const libraries = await mavenLibraries("elasticmq", join(folder, "pom.xml"));
  return ["java", "-cp", join(libraries, "*"), join(folder, "Server.java")];
}

if (import.meta.main) {
  const reason = await withoutElasticmq();
  if (reason === undefined) await elasticmq();
  else console.log(`set-up: the tests skip ElasticMQ: ${reason}`);
}
