/**
 * A process that is going to be killed: it creates and updates functions and aliases on the state directory of its
 * argument, prints a line for every answer, and prepares code slowly, so that preparations are always under way.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ServiceError } from "../../src/base/errors.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { domainOn, request, scope, testArtifacts } from "./support.ts";

const [dir = ""] = process.argv.slice(2);
const artifacts = testArtifacts();
artifacts.prepare = async (blob) => {
  await sleep(Math.random() * 10);
  return `/images/${blob}`;
};
const { functions } = await domainOn(await openSqliteStore({ dir }), artifacts, dir);

/** The number of the change is the function's description; `version` when the change published one. */
function answered(name: string, count: number, version = ""): void {
  process.stdout.write(`${name} ${count} ${version}\n`);
}

/** Points the alias of the function at the version, and removes the version before it. */
async function move(name: string, version: string): Promise<void> {
  const target = { Name: "live", FunctionVersion: version };
  const current = await functions.aliases.find(scope, name, "live");
  if (!current) {
    await functions.aliases.create(scope, name, target);
    return;
  }
  await functions.aliases.update(scope, name, target);
  if (current.version.version !== version) await functions.remove(scope, name, current.version.version);
}

for (let count = 0; ; count += 1) {
  const name = `f${process.pid}-${count % 20}`;
  const settings = { FunctionName: name, Description: String(count) };
  try {
    if (count < 20) {
      await functions.create(scope, name, request(name, settings));
      answered(name, count);
    } else if (count % 3 === 0) {
      const { version } = await functions.publish(scope, name, {});
      answered(name, Number(version.settings.Description), version.version);
      await move(name, version.version);
      process.stdout.write(`${name} alias ${version.version}\n`);
    } else {
      await functions.updateConfiguration(scope, name, settings);
      answered(name, count);
    }
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
  }
  await sleep(0);
}
