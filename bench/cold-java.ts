/**
 * Cold starts of Java: a POJO handler through the HTTP port when no environment of its version exists, with the archive of
 * classes of Kiln's images, with the JDK's own alone, and with none, in interleaved rounds; beside `runc run` of
 * `java -version` in the same image.
 */
import { CreateFunctionCommand, waitUntilFunctionActiveV2, type LambdaClient } from "@aws-sdk/client-lambda";
import { runtimePrograms } from "../tools/runtime-programs.ts";
import { runcBundle } from "./bare-jail.ts";
import { coldCall } from "./cold.ts";
import { benchFunction, zipOfFolder } from "./functions.ts";
import { startKiln } from "./processes.ts";
import { median, printTable, saveResult, spread, type Row } from "./report.ts";

const rounds = 15;
const runtime = "java21";

/** Variables of the function, by what Java then has. */
const variants: Readonly<Record<string, Record<string, string>>> = {
  "kiln, its archive of classes": {},
  "kiln, the JDK's archive alone": { JAVA_TOOL_OPTIONS: "-Xshare:auto" },
  "kiln, no archive": { JAVA_TOOL_OPTIONS: "-Xshare:off" },
};

async function deployJava(client: LambdaClient): Promise<void> {
  const program = runtimePrograms.find(({ name }) => name === "java");
  if (program === undefined) throw new Error("there is no program in Java");
  const reason = await program.absent();
  if (reason !== undefined) throw new Error(reason);
  await client.send(
    new CreateFunctionCommand({
      FunctionName: benchFunction,
      Runtime: runtime,
      Handler: "Function::handleRequest",
      Role: "arn:aws:iam::000000000000:role/bench",
      MemorySize: 1769,
      Timeout: 60,
      Code: { ZipFile: await zipOfFolder(await program.prepare()) },
    }),
  );
  await waitUntilFunctionActiveV2(
    { client, maxWaitTime: 120, minDelay: 1, maxDelay: 1 },
    { FunctionName: benchFunction },
  );
}

export async function coldJava(): Promise<void> {
  const bundle = await runcBundle(runtime, ["/var/lang/bin/java", "-Xshare:auto", "-version"]);
  const kiln = await startKiln();
  const bare: number[] = [];
  const figures: Record<string, number[]> = { "runc run, java -version": bare };
  for (const what of Object.keys(variants)) figures[what] = [];
  try {
    await deployJava(kiln.client);
    for (let round = -1; round < rounds; round += 1) {
      const bareMs = await bundle.start();
      // The first of each reads its files from the disk.
      if (round >= 0) bare.push(bareMs);
      for (const [what, variables] of Object.entries(variants)) {
        const elapsed = await coldCall(kiln.client, { ROUND: String(round), ...variables });
        if (round >= 0) figures[what]?.push(elapsed);
      }
    }
    const base = median(bare);
    const rows: Row[] = Object.entries(figures).map(([what, values]) => ({
      what,
      "median ms": median(values).toFixed(0),
      spread: spread(values, 0),
      ratio: (median(values) / base).toFixed(2),
    }));
    printTable(`Cold starts, request to answer: ${rounds} interleaved rounds, 1,769 MB, ${runtime}`, rows);
    console.log(`\n${await saveResult("cold-java", figures)}`);
  } finally {
    await kiln.stop();
    await bundle.remove();
  }
}
