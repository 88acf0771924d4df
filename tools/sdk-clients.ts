/**
 * The programs of `test/sdks`, made ready to run: AWS's SDKs for Python, Go and Java with what they depend on, built once
 * and kept outside of the project. `bin/node tools/sdk-clients.ts` prepares all of them; it needs their registries only
 * when something has changed.
 */
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { kept, missing } from "./test-cache.ts";

const run = promisify(execFile);
const sources = resolve(import.meta.dirname, "../test/sdks");

export interface SdkClient {
  name: "boto3" | "go" | "java";
  /** Why this machine cannot have it; undefined when it can. */
  absent(): Promise<string | undefined>;
  /** Builds what is not built, and answers with the command to which the function's name and the zip are to be added. */
  prepare(): Promise<string[]>;
  /** The command that signs the requests on its input, made of the prepared one; absent where there is none. */
  readonly signing?: (prepared: readonly string[]) => string[];
}

export const sdkClients: readonly SdkClient[] = [
  {
    name: "boto3",
    absent: () => missing([["python3", "-c", "import venv, ensurepip"]], "Python 3 with venv and pip"),
    async prepare() {
      const requirements = join(sources, "python/requirements.txt");
      const folder = await kept("boto3", [requirements], ["python3", "--version"], async (made) => {
        await run("python3", ["-m", "venv", made]);
        await run(join(made, "bin/python"), ["-m", "pip", "install", "--quiet", "--requirement", requirements]);
      });
      return [join(folder, "bin/python"), join(sources, "python/life.py")];
    },
    signing: ([python = ""]) => [python, join(sources, "python/sign.py")],
  },
  {
    name: "go",
    absent: () => missing([["go", "version"]], "Go"),
    async prepare() {
      const files = ["go.mod", "go.sum", "main.go", "sign.go"].map((file) => join(sources, "go", file));
      const folder = await kept("go", files, ["go", "version"], async (made) => {
        await run("go", ["build", "-mod=readonly", "-o", join(made, "life"), "."], {
          cwd: join(sources, "go"),
          env: { ...process.env, CGO_ENABLED: "0" },
        });
      });
      return [join(folder, "life")];
    },
    signing: ([program = ""]) => [program, "sign"],
  },
  {
    name: "java",
    absent: () =>
      missing(
        [
          ["javac", "-version"],
          ["mvn", "-version"],
        ],
        "a JDK and Maven",
      ),
    async prepare() {
      const files = ["pom.xml", "Life.java"].map((file) => join(sources, "java", file));
      const [pom = "", program = ""] = files;
      const folder = await kept("java", files, ["javac", "-version"], async (made) => {
        const libraries = join(made, "lib");
        await run("mvn", [
          "-B",
          "-q",
          "-f",
          pom,
          "dependency:copy-dependencies",
          "-DincludeScope=runtime",
          `-DoutputDirectory=${libraries}`,
        ]);
        await run("javac", ["-cp", join(libraries, "*"), "-d", join(made, "classes"), program]);
      });
      return ["java", "-cp", `${join(folder, "classes")}:${join(folder, "lib/*")}`, "Life"];
    },
  },
];

if (import.meta.main) {
  for (const client of sdkClients) {
    const reason = await client.absent();
    if (reason === undefined) await client.prepare();
    else console.log(`set-up: the tests skip ${client.name}: ${reason}`);
  }
}
