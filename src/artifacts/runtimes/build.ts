/** Builds the runtime images that are missing or out of date. Idempotent; safe to kill at any moment. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";

import { KilnError, systemCode } from "../../base/errors.ts";
import { openPlaces, type OpenRepository } from "../images/places.ts";
import { baseArchive } from "./base-tree.ts";
import { buildImage } from "./build-image.ts";
import { suiteOf, type Arch, type Suite } from "./builds.ts";
import { catalogue, isBuildable, standard, type BuildableEntry } from "./catalogue.ts";
import { lockDirectory } from "./lock.ts";
import { currentManifest } from "./manifest.ts";
import { nodeSdkArchive, nodeSdkName } from "./node-sdk.ts";
import { baseKey, imageKey } from "./recipe.ts";
import { jarName, MAVEN_CENTRAL } from "./maven.ts";
import { removeOld } from "./remove-old.ts";

export interface BuildProgress {
  /** The runtime identifier, or `base` for the user space that all share. */
  id: string;
  /** In words, for instance `assembling`. */
  step: string;
  /** Steps finished, of `total`. */
  done: number;
  total: number;
}

export interface BuildOptions {
  /** Where images are kept, for instance /var/cache/kiln/runtimes. Created when missing. */
  dir: string;
  /** Runtime identifiers. When absent: what set-up builds, and whatever else has been built here before. */
  ids?: readonly string[];
  /** Builds from today's Debian packages even where an image is up to date: for security updates. */
  refresh?: boolean;
  /** URL of the Maven repository that libraries come from. Default: Maven Central. */
  mavenRepository?: string;
  /** Where images of registries are. Default: the registries themselves, by HTTPS. */
  openRepository?: OpenRepository;
  onProgress?(progress: BuildProgress): void;
  signal?: AbortSignal;
}

export interface BuildResult {
  built: string[];
  upToDate: string[];
}

const STEPS_PER_IMAGE = 3;
/** While one image waits for the network or the disk, another is worked on. */
const AT_ONCE = 2;

/** Throws KilnError: RUNTIME_UNKNOWN, RUNTIME_UNAVAILABLE, ARCH_UNSUPPORTED, HOST_PROGRAM_MISSING, DOWNLOAD_FAILED, … */
export async function buildRuntimes(options: BuildOptions): Promise<BuildResult> {
  const arch = hostArch();
  const wanted = (options.ids ?? (await usual(options.dir))).map(buildable);
  const keys = new Map(wanted.map((entry) => [entry.id, imageKey(entry.id, entry.family, entry.build, arch)]));
  const outdated = (): BuildableEntry[] =>
    wanted.filter(
      ({ id }) => options.refresh === true || currentManifest(options.dir, id, keys.get(id) ?? "") === undefined,
    );
  const result = (built: BuildableEntry[]): BuildResult => ({
    built: built.map(({ id }) => id),
    upToDate: wanted.filter((entry) => !built.includes(entry)).map(({ id }) => id),
  });
  if (outdated().length === 0) {
    return result([]);
  }
  if (process.getuid?.() !== 0) {
    throw new KilnError("NOT_ROOT", "Runtime images are built as root: their files belong to root.", {
      hint: "Run the same command with sudo.",
    });
  }
  const report = (id: string, step: string, done: number, total: number): void =>
    options.onProgress?.({ id, step, done, total });
  await mkdir(options.dir, { recursive: true, mode: 0o755 });
  const unlock = await lockDirectory(
    options.dir,
    () => report("base", "waiting for another build", 0, 1),
    options.signal,
  );
  try {
    // Whoever held the lock before us may have done the work; what lies in a work directory now is of a killed build.
    const todo = outdated();
    await removeWork(options.dir);
    const work = await mkdtemp(join(options.dir, "work-"));
    try {
      await build({ ...options, arch, todo, keys, work, report });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    await removeOld(options.dir, current(options.dir, arch));
    return result(todo);
  } finally {
    unlock();
  }
}

interface Building extends BuildOptions {
  arch: Arch;
  todo: readonly BuildableEntry[];
  keys: ReadonlyMap<string, string>;
  work: string;
  report: (id: string, step: string, done: number, total: number) => void;
}

async function build(building: Building): Promise<void> {
  const { dir, arch, todo, keys, work, report, refresh, signal, mavenRepository = MAVEN_CENTRAL } = building;
  const { openRepository = openPlaces({ places: [{ host: "*" }] }) } = building;
  const total = todo.length * STEPS_PER_IMAGE;
  let done = 0;
  const bases = new Map<Suite, Promise<string>>();
  const baseOf = (suite: Suite): Promise<string> => {
    const started = bases.get(suite);
    if (started !== undefined) return started;
    report("base", `unpacking the user space of Debian ${suite}`, done, total);
    const base = baseArchive({ dir, suite, key: baseKey(arch, suite), work, refresh: refresh === true, signal });
    bases.set(suite, base);
    return base;
  };
  // It waits for the network, so it begins at once; whoever needs it finds out what went wrong.
  const nodeSdk = todo.some(({ build }) => build.kind === "node") ? nodeSdkArchive(dir, work, signal) : undefined;
  nodeSdk?.catch(() => undefined);
  const one = async (entry: BuildableEntry): Promise<void> => {
    let steps = 0;
    const own = join(work, `of-${entry.id}`);
    await mkdir(own);
    await buildImage({
      dir,
      work: own,
      entry,
      key: keys.get(entry.id) ?? "",
      arch,
      base: () => baseOf(suiteOf(entry.build)),
      mavenRepository,
      openRepository,
      nodeSdk: () => nodeSdk ?? nodeSdkArchive(dir, work, signal),
      onStep(step) {
        report(entry.id, step, done, total);
        if (steps === STEPS_PER_IMAGE - 1) return;
        steps += 1;
        done += 1;
      },
      signal,
    });
    done += STEPS_PER_IMAGE - steps;
  };
  const failures: unknown[] = [];
  const waiting = todo.values();
  const inTurn = async (): Promise<void> => {
    for (const entry of waiting) {
      try {
        if (failures.length === 0) await one(entry);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, inTurn));
  // Nothing of it may be under way when the work directory goes.
  await nodeSdk?.catch(() => undefined);
  if (failures.length > 0) throw failures[0];
  report(todo.at(-1)?.id ?? "base", "done", total, total);
}

/** What set-up builds, and what somebody has wanted before. */
async function usual(dir: string): Promise<string[]> {
  const names = new Set(await readdirIfThere(dir));
  return catalogue
    .filter((entry) => isBuildable(entry) && (standard.includes(entry.id) || names.has(`${entry.id}.json`)))
    .map(({ id }) => id);
}

async function readdirIfThere(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** File names that the current recipes lead to. */
function current(dir: string, arch: Arch): Set<string> {
  const names = new Set([nodeSdkName()]);
  for (const entry of catalogue.filter(isBuildable)) {
    names.add(`base-${baseKey(arch, suiteOf(entry.build)).slice(0, 16)}.tar`);
    const manifest = currentManifest(dir, entry.id, imageKey(entry.id, entry.family, entry.build, arch));
    if (manifest !== undefined) {
      names.add(manifest.image);
    }
    for (const jar of entry.build.kind === "debian" ? (entry.build.jars ?? []) : []) names.add(jarName(jar));
    if (entry.build.kind === "node") names.add(`node-linux-${arch}-${entry.build.version}.tgz`);
  }
  return names;
}

async function removeWork(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name.startsWith("work-")) {
      // A killed build's child process may still be writing there.
      await rm(join(dir, basename(name)), { recursive: true, force: true, maxRetries: 10 });
    }
  }
}

function buildable(id: string): BuildableEntry {
  const entry = catalogue.find((candidate) => candidate.id === id);
  if (entry === undefined) {
    throw new KilnError("RUNTIME_UNKNOWN", `There is no runtime ${id}.`, { hint: "`kiln runtimes` lists them." });
  }
  if (!isBuildable(entry)) {
    throw new KilnError("RUNTIME_UNAVAILABLE", entry.unavailable ?? `Kiln cannot build ${id}.`);
  }
  return entry;
}

export function hostArch(): Arch {
  if (process.arch === "x64" || process.arch === "arm64") {
    return process.arch;
  }
  throw new KilnError("ARCH_UNSUPPORTED", `Kiln has no runtimes for the CPU architecture ${process.arch}.`);
}
