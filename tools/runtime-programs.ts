/**
 * The functions of `test/runtimes/programs`, which run on AWS's own runtime clients for Go, Rust and Java: built once and
 * kept outside of the project. `bin/node tools/runtime-programs.ts` prepares all of them.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { MavenJar } from "../src/artifacts/runtimes/builds.ts";
import { javaBuilds } from "../src/artifacts/runtimes/java-builds.ts";
import { MAVEN_CENTRAL, mavenJar } from "../src/artifacts/runtimes/maven.ts";
import { cache, kept, missing } from "./test-cache.ts";

const run = promisify(execFile);
const sources = resolve(import.meta.dirname, "../test/runtimes/programs");

export interface RuntimeProgram {
  name: "go" | "rust" | "java";
  /** Why this machine cannot have it; undefined when it can. */
  absent(): Promise<string | undefined>;
  /** Builds what is not built, and answers with the folder that a function's zip is made of. */
  prepare(): Promise<string>;
}

export const runtimePrograms: readonly RuntimeProgram[] = [
  {
    name: "go",
    absent: () => missing([["go", "version"]], "Go"),
    prepare() {
      const folder = join(sources, "go");
      const files = ["go.mod", "go.sum", "main.go"].map((file) => join(folder, file));
      return kept("function-go", files, ["go", "version"], async (made) => {
        await run("go", ["build", "-mod=readonly", "-tags", "lambda.norpc", "-o", join(made, "bootstrap"), "."], {
          cwd: folder,
          env: { ...process.env, CGO_ENABLED: "0" },
        });
      });
    },
  },
  {
    name: "rust",
    absent: () => missing([["cargo", "--version"]], "Rust"),
    prepare() {
      const folder = join(sources, "rust");
      const files = ["Cargo.toml", "Cargo.lock", "src/main.rs"].map((file) => join(folder, file));
      return kept("function-rust", files, ["rustc", "--version"], async (made) => {
        // What is compiled of the libraries stays for the next change of the program.
        const target = join(cache, "rust-target");
        await run("cargo", ["build", "--locked", "--quiet", "--target-dir", target], {
          cwd: folder,
          maxBuffer: 64 * 1024 * 1024,
        });
        await cp(join(target, "debug/bootstrap"), join(made, "bootstrap"));
      });
    },
  },
  {
    name: "java",
    absent: () => missing([["javac", "-version"]], "a JDK"),
    prepare() {
      const names = ["Function.java", "Library.java", "wrapper", "Restored.java"];
      const files = names.map((file) => join(sources, "java", file));
      const [program = "", library = "", wrapper = "", restored = ""] = files;
      return kept("function-java", files, ["javac", "-version"], async (made) => {
        const work = `${made}.work`;
        try {
          await mkdir(work, { recursive: true });
          const release = ["--release", "17"];
          await run("javac", [...release, "-d", join(work, "library"), library]);
          await mkdir(join(made, "lib"));
          await run("jar", ["--create", "--file", join(made, "lib/library.jar"), "-C", join(work, "library"), "."]);
          const from = { dir: work, work, repository: MAVEN_CENTRAL };
          const cracJar = await mavenJar(crac, from);
          await cp(cracJar, join(made, "lib", basename(cracJar)));
          const classPath = [await mavenJar(core(), from), cracJar, join(work, "library")].join(":");
          await run("javac", [...release, "-cp", classPath, "-d", made, program, restored]);
          await cp(wrapper, join(made, "wrapper"));
        } finally {
          await rm(work, { recursive: true, force: true });
        }
      });
    },
  },
];

/** The hooks of SnapStart, which a function brings along. */
const crac: MavenJar = {
  group: "org.crac",
  artifact: "crac",
  version: "1.5.0",
  sha256: "f4426e1641c8f0fa2f025a4cd7c40c285abaf265930e6717adfcaef03d034850",
};

/** The interfaces that functions are compiled against. */
function core(): MavenJar {
  const jar = javaBuilds["java17"]?.jars?.find(({ artifact }) => artifact === "aws-lambda-java-core");
  if (jar === undefined) throw new Error("no aws-lambda-java-core");
  return jar;
}

if (import.meta.main) {
  for (const program of runtimePrograms) {
    const reason = await program.absent();
    if (reason === undefined) await program.prepare();
    else console.log(`set-up: the tests skip functions in ${program.name}: ${reason}`);
  }
}
