/** Libraries of Maven repositories: the bytes must have the catalogue's digest. */
import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";

import { openPromise, type Entry } from "yauzl";

import { KilnError, messageOf, systemCode } from "../../base/errors.ts";
import type { MavenJar } from "./builds.ts";
import { fileDigest, publish } from "./disk.ts";

/** Maven Central (https://central.sonatype.org/consume/consume-maven/). */
export const MAVEN_CENTRAL = "https://repo1.maven.org/maven2";

/** Bytes; the largest of those that images have is under 4 MB. */
const MAX_SIZE = 32 * 1024 * 1024;
/** ms for one file. */
const TIMEOUT = 120_000;

export interface JarOptions {
  /** Where downloads are kept. */
  dir: string;
  /** A directory of this build alone, on the same file system as `dir`. */
  work: string;
  /** URL of a Maven repository, without a slash at its end. */
  repository: string;
  signal?: AbortSignal | undefined;
}

export function jarName({ artifact, version }: MavenJar): string {
  return `${artifact}-${version}.jar`;
}

/** Path of the verified file in `dir`, downloaded when it is not there yet. */
export async function mavenJar(jar: MavenJar, options: JarOptions): Promise<string> {
  const path = join(options.dir, jarName(jar));
  if (await matches(path, jar.sha256)) return path;
  const aside = join(options.work, jarName(jar));
  const url = `${options.repository}/${jar.group.replaceAll(".", "/")}/${jar.artifact}/${jar.version}/${jarName(jar)}`;
  await download(url, aside, options.signal);
  if (!(await matches(aside, jar.sha256))) {
    throw new KilnError("DOWNLOAD_BAD", `${url} is not what Kiln expects.`, {
      hint: "The repository or something between it and this machine changed the file: do not use it.",
    });
  }
  await publish(aside, path);
  return path;
}

async function download(url: string, path: string, signal: AbortSignal | undefined): Promise<void> {
  const timeout = AbortSignal.timeout(TIMEOUT);
  try {
    const answer = await fetch(url, { signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) });
    if (!answer.ok || answer.body === null) throw new Error(`the answer is ${answer.status}`);
    const file = await open(path, "w");
    try {
      let size = 0;
      for await (const chunk of answer.body) {
        size += chunk.byteLength;
        if (size > MAX_SIZE) throw new Error(`it is larger than ${MAX_SIZE} bytes`);
        await file.writeFile(chunk);
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? ` (${messageOf(error.cause)})` : "";
    throw new KilnError("DOWNLOAD_FAILED", `${url} could not be downloaded: ${messageOf(error)}${cause}`, {
      hint: "Check that this machine reaches it, or name a mirror of Maven Central in KILN_MAVEN_REPOSITORY.",
      cause: error,
    });
  }
}

/** False when the file is missing; a file that differs is removed, so that it is fetched anew. */
async function matches(path: string, sha256: string): Promise<boolean> {
  try {
    if ((await fileDigest(path, "sha256", "hex")) === sha256) return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
  await rm(path, { force: true });
  return false;
}

/** Writes one file of a verified jar. */
export async function unpackMember(jar: string, member: string, path: string): Promise<void> {
  const zip = await openPromise(jar, { autoClose: false });
  try {
    let found: Entry | undefined;
    for await (const entry of zip.eachEntry()) if (entry.fileName === member) found = entry;
    if (found === undefined) throw new KilnError("IMAGE_BAD", `${jar} has no ${member}.`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await buffer(await zip.openReadStreamPromise(found)), { mode: 0o644 });
  } finally {
    zip.close();
  }
}

/** The classes of a verified jar, as Java's lists have them: `com/amazonaws/…/AWSLambda`. */
export async function classNames(jar: string): Promise<string[]> {
  const zip = await openPromise(jar);
  const names: string[] = [];
  for await (const { fileName } of zip.eachEntry()) {
    const name = /^(?!META-INF\/)(.+)\.class$/.exec(fileName)?.[1];
    if (name !== undefined && !/(?:^|\/)(?:module|package)-info$/.test(name)) names.push(name);
  }
  return names;
}
