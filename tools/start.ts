/**
 * What `npm start` runs once set-up is done: Kiln in the foreground, and on the first run of a state directory the two
 * samples, deployed with the same commands that a user types.
 */
import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KilnError } from "../src/base/errors.ts";
import { loadConfig } from "../src/config/index.ts";
import { serve } from "../src/main.ts";
import { runSamples } from "./first-run.ts";

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function explain(thrown: unknown): never {
  if (!(thrown instanceof KilnError)) throw thrown;
  console.error(`kiln: ${thrown.message}`);
  if (thrown.hint !== undefined) console.error(`      ${thrown.hint}`);
  process.exit(1);
}

async function start(): Promise<void> {
  const config = loadConfig();
  const server = await serve(config);
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    console.log(`\n${signal === "SIGINT" ? "Ctrl-C" : signal}: Kiln stops (once more to stop at once).`);
    server.stop().then(() => process.exit(0), explain);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);

  console.log(`Kiln is ready at ${server.url}; its state is in ${config.stateDir}.`);
  const marker = join(config.stateDir, "samples-deployed");
  if (!(await exists(marker))) {
    const failure = await runSamples(config.stateDir);
    if (stopping) return;
    if (failure !== undefined) {
      console.error(
        `\nkiln: the first run did not finish: ${failure}\n      Correct that and run npm start again; it goes on from there.`,
      );
      await server.stop();
      process.exit(1);
    }
    await writeFile(marker, `${new Date().toISOString()}\n`);
  }
  console.log(`
Next, in another terminal:
  bin/kiln invoke hello --payload '{"name":"you"}'     call a function
  bin/kiln logs hello --follow                         watch what it logs
  eval "$(bin/kiln env)" && aws lambda list-functions  use the AWS CLI or any AWS SDK

Ctrl-C stops Kiln.`);
}

await start().catch(explain);
