/** What every isolation level must do. A level's test calls `sandboxConformance` with a way to open it. */
import { after, before, describe } from "node:test";
import type { JailSpec, Sandbox } from "../contract.ts";
import { connectionPromises } from "./connections.ts";
import { endingPromises } from "./ending.ts";
import { filePromises } from "./files.ts";
import { freezingPromises } from "./freezing.ts";
import { memoryPromises } from "./memory.ts";
import { prebootPromises } from "./preboot.ts";
import { processPromises } from "./processes.ts";
import { refusalPromises } from "./refusals.ts";
import { type SandboxFixture, startScript } from "./subject.ts";

/** `skip`: why this level cannot be tested on this machine. */
export function sandboxConformance(
  name: string,
  makeFixture: () => Promise<SandboxFixture>,
  skip: string | false = false,
): void {
  void describe(`sandbox ${name}`, { skip }, () => {
    let fixture: SandboxFixture;
    let sandbox: Sandbox;
    before(async () => {
      fixture = await makeFixture();
      sandbox = await fixture.open();
    });
    after(() => sandbox?.close());

    const start = (script: string, more?: Partial<JailSpec>) => startScript(sandbox, fixture, script, more);
    const subject = {
      get fixture() {
        return fixture;
      },
      get sandbox() {
        return sandbox;
      },
      start,
      async run(script: string, more?: Partial<JailSpec>) {
        const { jail, stdout, stderr } = await start(script, more);
        const exit = await jail.exited;
        const result = { exit, stdout: await stdout, stderr: await stderr };
        await jail.destroy();
        return result;
      },
    };

    processPromises(subject);
    connectionPromises(subject);
    filePromises(subject);
    memoryPromises(subject);
    prebootPromises(subject);
    freezingPromises(subject);
    refusalPromises(subject);
    // Last: it closes the sandbox.
    endingPromises(subject);
  });
}
